import { describe, expect, it } from "vitest";
import { readSignal } from "../../../../shared/signals/intake.js";
import { namesOf, SIGNAL_TYPE_PREFIX, SignalKind, SignalWorkload } from "../../../../shared/signals/signal.js";

const NOW = Date.parse("2024-11-12T12:00:00Z");
const DEVICE = "6b1f2c3d-0000-4000-8000-00000000000a";
const DRIVER = "ab".repeat(32);

describe("signals of every workload", () => {
  it("name the update by knowledge base article and build where it is a quality update", () => {
    const names = { kb: "KB5039212", build: "10.0.22631.3737" };
    expect(read(names)).toMatchObject({ signal: { workload: SignalWorkload.quality, ...names } });
    expect(read({ workload: "quality", ...names })).toMatchObject({ signal: { workload: "quality", ...names } });
  });

  it("name a feature update by its name in the catalogue and the Windows version that it brings", () => {
    const names = { workload: "feature", update: "Windows 11, version 24H2", version: "10.0.26100" };
    const subject = { workload: "feature", kb: "Windows 11, version 24H2", build: "10.0.26100" } as const;
    expect(read(names)).toMatchObject({ signal: { deviceId: DEVICE, kind: "failed", attempt: 1, ...subject } });
    expect(namesOf(subject)).toEqual(names);
  });

  it("name a driver by its id in the catalogue, whatever its case, and its version", () => {
    const read1 = read({ workload: "driver", update: DRIVER.toUpperCase(), version: "32.0.15.7713" });
    expect(read1).toMatchObject({ signal: { workload: "driver", kb: DRIVER, build: "32.0.15.7713" } });
  });

  it.each([
    ["a workload that sends no signals", { workload: "edge", update: "126.0", version: "126.0.1.2" }],
    ["names of another workload", { workload: "feature", kb: "KB5039212", build: "10.0.22631.3737" }],
    [
      "a feature update with a revision",
      { workload: "feature", update: "Windows 11, version 24H2", version: "10.0.26100.1" },
    ],
    ["a driver without its id", { workload: "driver", update: "NVIDIA - Display", version: "32.0.15.7713" }],
  ])("are malformed with %s", (_, names) => {
    expect(read(names)).toMatchObject({ rejection: { reason: "malformed" } });
  });
});

function read(names: object) {
  const data = { deviceId: DEVICE, attempt: 1, sequence: 4, errorCode: "0x800F0922", ...names };
  const body = {
    specversion: "1.0",
    id: `${DEVICE}:1:4`,
    source: `/devices/${DEVICE}`,
    type: `${SIGNAL_TYPE_PREFIX}${SignalKind.failed}`,
    time: new Date(NOW - 60_000).toISOString(),
    data,
  };
  return readSignal({ body }, NOW);
}
