import { z } from "zod";
import { HotpatchMonth } from "../calendar/hotpatch.js";
import type { Graph } from "../graph/graph.js";
import { listGroups } from "../groups/store.js";
import { appliedPolicies } from "../quality-policies/applied.js";
import { toldAttributesOf } from "../readiness/device-attributes.js";
import type { DeviceRecord } from "../registration/device.js";
import { Health } from "../workloads/eligibility.js";
import { Standing } from "./cycle.js";
import { hotpatchDevice, hotpatchEligibility } from "./eligibility.js";
import { surroundings } from "./look.js";
import { QualityPolicies } from "./policy.js";
import { deliveryOf, Receives } from "./receives.js";
import { TENANT_DEFAULT } from "./report.js";
import { findTenantDefault, takesHotpatches, tenantDefault } from "./tenant-default.js";
import { vbsState } from "./vbs.js";

export const deviceHotpatchSchema = z
  .object({
    deviceId: z.string(),
    name: z.string().nullable(),
    label: z.enum(Health).describe("Healthy: the device takes hotpatches."),
    reasons: z.array(z.object({ code: z.string(), text: z.string() })).describe("Every rule that it breaks."),
    policy: z.string().describe('The policy that decides; "Tenant default" for a device in no quality update policy.'),
    allowed: z.boolean().describe("Whether that lets it take hotpatches."),
    month: z.string().describe("Month of the latest B release, YYYY-MM."),
    kind: z.enum(HotpatchMonth),
    baselineMonth: z.string(),
    standing: z.enum(Standing).describe("Where its build stands among baseline and hotpatches."),
    build: z.string().nullable(),
    vbs: z.string().nullable().describe("Virtualization-based security as Intune says it; null: not known."),
    vbsReadAt: z.string().nullable(),
    receives: z.enum(Receives).describe("What it gets of the month's security update."),
    restart: z.boolean(),
    because: z.string(),
  })
  .meta({ id: "DeviceHotpatch" });
export type DeviceHotpatch = z.infer<typeof deviceHotpatchSchema>;

/** Whether a device takes hotpatches, why not, and what it gets this month (autopatch.md §5.9). @param now ms */
export async function deviceHotpatch(graph: Graph, record: DeviceRecord, now: number): Promise<DeviceHotpatch> {
  const { deviceId, name, managed } = record;
  const { cycle, licensed } = await surroundings(graph, now);
  const [read, told] = [await vbsState(deviceId), await toldAttributesOf(deviceId)];
  const vbs = read?.state ?? null;
  const device = hotpatchDevice({ managed, told, vbs, licensed }, cycle);
  const eligibility = hotpatchEligibility(device);
  const policy = new QualityPolicies(await listGroups(), await appliedPolicies(graph, now)).of(
    record,
    managed?.osVersion ?? null,
  );
  const allowed = takesHotpatches(policy, tenantDefault((await findTenantDefault())?.body, now));
  const { month, kind, baselineMonth } = cycle;
  return {
    ...{ deviceId, name, ...eligibility, reasons: [...eligibility.reasons] },
    ...{ policy: policy?.name ?? TENANT_DEFAULT, allowed, month, kind, baselineMonth },
    ...{ standing: device.standing, build: managed?.osVersion ?? null, vbs, vbsReadAt: read?.readAt ?? null },
    ...deliveryOf(eligibility, allowed, cycle),
  };
}
