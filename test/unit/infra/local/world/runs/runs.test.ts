import { describe, expect, it } from "vitest";
import { UsageError } from "../../../../../../infra/local/args.js";
import { createDevices } from "../../../../../../infra/local/fleet/devices.js";
import { installedBuilds } from "../../../../../../infra/local/fleet/installed-builds.js";
import { type RunChoice, runOf } from "../../../../../../infra/local/world/runs/index.js";
import { modelParameters } from "../../../../../../shared/model/index.js";

const run = (choice: Partial<RunChoice>) => runOf({ scenario: "nominal", ...choice });
const day = (choice: Partial<RunChoice>) => new Date(run(choice).startedAt).toISOString();

describe("a run", () => {
  it("begins at midnight before its update is published, or some days after a Windows version is", () => {
    expect(day({})).toBe("2024-06-11T00:00:00.000Z");
    expect(day({ workload: "m365" })).toBe("2024-06-11T00:00:00.000Z");
    expect(day({ workload: "edge" })).toBe("2024-06-13T00:00:00.000Z");
    expect(day({ workload: "hotpatch" })).toBe("2025-05-13T00:00:00.000Z");
    expect(day({ workload: "feature" })).toBe("2024-10-08T00:00:00.000Z");
    expect(day({ workload: "feature", update: "Windows 11, version 23H2" })).toBe("2023-11-07T00:00:00.000Z");
  });

  it("is about the newest Windows version with monthly updates, where none is named", () => {
    expect(run({ workload: "feature" }).update).toBe("Windows 11, version 24H2");
  });

  it("is about a driver that most devices need, where none is named", () => {
    const seed = { seed: 1, size: 100, model: modelParameters({}), syncHours: 8 };
    const { startedAt, truth } = run({ workload: "driver" });
    const devices = createDevices({ ...seed, builds: installedBuilds(startedAt), startedAt });
    const fleet = { devices: () => devices, truth: () => devices };
    expect(truth({ fleet } as never, {} as never).length).toBeGreaterThan(50);
  });

  it("has the sample group manage what it is about", () => {
    expect(run({ workload: "driver" }).managed).toEqual({ driver: true });
    expect(run({ workload: "m365" }).managed).toEqual({ microsoft365Apps: true });
    expect(run({ workload: "edge" }).managed).toEqual({ edge: true });
    expect(run({}).managed).toBeUndefined();
  });

  it("creates its feature release under a key, so that the same seed gives the same ids", async () => {
    const record = { osVersion: "10.0.22631.4317" };
    const sent: unknown[] = [];
    const api = { send: async (...call: unknown[]) => sent.push(call) };
    await run({ workload: "feature" }).begin?.({ api, fleet: { devices: () => [{ record }] } } as never);
    expect(sent).toEqual([["POST", "/feature-releases", expect.anything(), expect.stringMatching(/^\w+$/)]]);
  });

  it("finds a driver by the name that releases show", () => {
    const choice = { workload: "driver", update: "Intel - Display - 32.0.101.7029" } as const;
    expect(run(choice).startedAt % 86_400_000).toBe(0);
    const release = (id: string) => ({ update: { workload: "driver", catalogEntryId: id }, startedAt: "2024" });
    expect(run(choice).find([release("other")] as never, {} as never)).toBeUndefined();
  });

  it.each<[Partial<RunChoice>, RegExp]>([
    [{ update: "1999.01 B" }, /^The catalogue has no update '1999.01 B'\. It has/],
    [{ workload: "hotpatch", update: "1999.01 B" }, /^The catalogue has no update '1999.01 B'\. It has/],
    [
      { workload: "feature", update: "Windows 12" },
      /^There is no feature update 'Windows 12'\. There are Windows 11, version 23H2; /,
    ],
    [
      { workload: "feature", update: "Windows 11, version 22H2" },
      /^'Windows 11, version 22H2' is older than the catalogue\. There are Windows 11, version 23H2; /,
    ],
    [
      { workload: "driver", update: "nothing" },
      /^No driver 'nothing' is published .+ There is NVIDIA - Display - 32\./,
    ],
    [{ workload: "driver", update: "Intel - Display - 1.0" }, /^No driver .+ There is Intel - Display - 32\..+, Intel/],
  ])("of %o is refused with what there is", (choice, message) => {
    expect(() => run(choice)).toThrow(UsageError);
    expect(() => run(choice)).toThrow(message);
  });
});
