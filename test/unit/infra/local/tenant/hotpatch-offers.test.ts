import { afterAll, beforeAll, expect, it } from "vitest";
import { UpdateKind } from "../../../../../shared/calendar/names.js";
import { tenantDevice } from "../../../../support/tenant-device.js";
import { INTUNE, TestTenant } from "./support.js";

const BASELINE = "10.0.26100.3775";
const HOTPATCH = "10.0.26100.4050";
const LCU = "10.0.26100.4061";
const windows = { product: "Windows 11", version: "24H2" } as const;
const everybody = { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } };

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start({ at: "2025-05-20T12:00:00Z" });
  const onBaseline = { ...windows, osVersion: BASELINE };
  test.tenant.addDevices([
    tenantDevice(0, onBaseline),
    tenantDevice(1, { ...onBaseline, virtualizationBasedSecurity: "notConfigured" }),
    tenantDevice(2, { ...onBaseline, osVersion: "10.0.26100.3476" }),
    tenantDevice(3, { ...onBaseline, processorArchitecture: "arm64" }),
    tenantDevice(5, { ...onBaseline, osVersion: "10.0.26100.3915" }),
    tenantDevice(6, { ...onBaseline, osVersion: "10.0.26100.3476", virtualizationBasedSecurity: "notConfigured" }),
    tenantDevice(7, { ...onBaseline, osVersion: "10.0.26100.2033" }),
    tenantDevice(4, { ...onBaseline, processorArchitecture: "arm64", attributes: { hotPatchRestrictions: "1" } }),
  ]);
  const entry = test.tenant.publish({
    date: "2025-05-14",
    kind: UpdateKind.B,
    revisions: [
      { ...windows, build: LCU, kb: "KB5058411" },
      { ...windows, build: HOTPATCH, kb: "KB5058497", hotpatchOf: BASELINE },
    ],
  });
  const policies = `${INTUNE}/windowsQualityUpdatePolicies`;
  const { json } = await test.post(policies, { displayName: "Q", hotpatchEnabled: true });
  await test.post(`${policies}/${json.id}/assign`, { assignments: [everybody] });
  await test.post(`${policies}/${json.id}/bulkAction`, { action: "approve", ids: [entry] });
});
afterAll(() => test.discard());

it.each([
  [0, "on the baseline, with virtualization-based security", HOTPATCH],
  [1, "without virtualization-based security", LCU],
  [2, "behind the baseline", BASELINE],
  [3, "on Arm64 with CHPE", LCU],
  [4, "on Arm64 without CHPE", HOTPATCH],
  [5, "beyond the baseline by a preview", LCU],
  [6, "behind the baseline, without virtualization-based security", LCU],
])("device %i, %s, is offered build %s", (nth, _, build) => {
  const { offer } = test.tenant.view(tenantDevice(nth).deviceId);
  expect([offer?.build, offer?.isHotpatch]).toEqual([build, build === HOTPATCH ? true : undefined]);
});

it("a device that missed the baseline gets it first, with a restart, and then the hotpatch, offered since the same instant", () => {
  const { deviceId } = tenantDevice(7);
  const before = test.tenant.view(deviceId).offer;
  expect(before).toMatchObject({ build: BASELINE, kb: "KB5055523" });
  expect(before).not.toHaveProperty("isHotpatch");
  const told: string[] = [];
  test.tenant.onChange((ids) => told.push(...(ids === "all" ? [] : ids)));
  test.pass(3600);
  test.tenant.reportInventory(deviceId, { osVersion: BASELINE });
  expect(told).toContain(deviceId);
  expect(test.tenant.view(deviceId).offer).toEqual({ ...before, build: HOTPATCH, kb: "KB5058497", isHotpatch: true });
});
