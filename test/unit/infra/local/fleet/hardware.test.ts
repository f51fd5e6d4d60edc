import { expect, test } from "vitest";
import { introductionOf } from "../../../../../infra/local/fleet/agents.js";
import { createDevices } from "../../../../../infra/local/fleet/devices.js";
import { installedBuilds } from "../../../../../infra/local/fleet/installed-builds.js";
import { canRunWindows11 } from "../../../../../infra/local/tenant/windows-update/hardware.js";
import { modelParameters } from "../../../../../shared/model/index.js";
import { reportSchema } from "../../../../../shared/readiness/report.js";

const startedAt = Date.parse("2024-06-10T17:00:00Z");
const devices = createDevices({
  ...{ seed: 1, size: 4_000, model: modelParameters(), builds: installedBuilds(startedAt), startedAt, syncHours: 8 },
});
const ten = devices.filter(({ record }) => record.product === "Windows 10");
const share = (fails: (device: (typeof ten)[number]) => boolean) => ten.filter(fails).length / ten.length;

test("about a tenth of the Windows 10 devices fail Windows 11 by TPM or processor, and some by each other rule", () => {
  const byChip = share(({ hardware }) => hardware.tpm !== "2.0" || hardware.processorSupported === "no");
  expect(byChip).toBeGreaterThan(0.08);
  expect(byChip).toBeLessThan(0.14);
  expect(share(({ hardware }) => hardware.tpm === "none")).toBeGreaterThan(0);
  expect(share(({ hardware }) => hardware.secureBoot === "off")).toBeGreaterThan(0);
  expect(share(({ hardware }) => Number(hardware.diskGb) < 64)).toBeGreaterThan(0);
  const unfit = share(({ record }) => !canRunWindows11(record));
  expect(unfit).toBeGreaterThan(byChip);
  expect(unfit).toBeLessThan(byChip + 0.06);
});

test("a device that runs Windows 11 has the hardware for it", () => {
  const eleven = devices.filter(({ record }) => record.product === "Windows 11");
  expect(eleven.every(({ record }) => canRunWindows11(record))).toBe(true);
});

test("the agent's introduction tells the hardware", () => {
  const [device] = ten;
  if (device === undefined) throw new Error("There is no Windows 10 device.");
  const { data } = reportSchema.parse(introductionOf(device, startedAt));
  expect(data.attributes).toMatchObject(device.hardware);
  expect(data.attributes).toMatchObject({ gpuDriver: device.attributes.gpuDriver });
});
