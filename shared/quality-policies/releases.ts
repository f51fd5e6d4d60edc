import { z } from "zod";
import { settingsOf } from "../groups/ring.js";
import type { StoredGroup } from "../groups/store.js";
import { type DeviceRecord, DeviceStatus } from "../registration/device.js";
import { instant } from "../schema.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { complianceDate, type RingDays } from "./compliance.js";
import type { Coverage } from "./coverage.js";
import { enrolledTargets, type QualityPolicy } from "./policy.js";
import { standingOf } from "./release-state.js";
import { dated, policyUpdate, policyUpdateSchema, standingSchema, standingView } from "./view.js";

/** A deployment ring with what it says about days. */
export interface PolicyRing {
  readonly groupId: string;
  readonly ring: string;
  readonly days: RingDays;
}

/** An update in one policy. */
export const policyReleaseSchema = policyUpdateSchema
  .extend({
    ...standingSchema.shape,
    compliance: z
      .array(z.object({ groupId: z.string(), ring: z.string(), at: instant.nullable() }))
      .describe("When the devices of each ring have to have it; null: not offered, or a ring without deadlines."),
  })
  .meta({ id: "QualityPolicyUpdate" });
export type PolicyRelease = z.infer<typeof policyReleaseSchema>;

/** An update with its state in a policy and the compliance date of each ring (rows 71, 73). */
export function policyRelease(
  policy: QualityPolicy,
  update: QualityUpdate,
  rings: readonly PolicyRing[],
): PolicyRelease {
  const { offeredFrom } = standingOf(policy, update);
  const compliance = rings.map(({ groupId, ring, days }) => {
    return { groupId, ring, at: dated(complianceDate(offeredFrom, days)) };
  });
  return { ...policyUpdate(update), ...standingView(policy, update), compliance };
}

/** The ring of a registered device with its settings; null for a device in none. */
export function ringOf(device: Pick<DeviceRecord, "status" | "groupId" | "ring">, groups: readonly StoredGroup[]) {
  const { status, groupId, ring: name } = device;
  if (status !== DeviceStatus.registered) return null;
  const group = groups.find(({ id }) => id === groupId);
  const ring = group?.definition.rings.find((each) => each.name === name);
  return group === undefined || ring === undefined ? null : { group, ring: ring.name, days: settingsOf(ring) };
}

/** The rings that a policy reaches: by assignment, or through devices of a directory group. */
export function ringsOf(
  policy: QualityPolicy,
  coverage: Coverage,
  { groups, devices, now }: { groups: readonly StoredGroup[]; devices: readonly DeviceRecord[]; now: number },
): PolicyRing[] {
  const targets = enrolledTargets(policy, now);
  const reached = devices.filter((device) => coverage.covers(policy, device));
  return groups.flatMap(({ id: groupId, definition }) =>
    definition.rings.flatMap((ring): PolicyRing[] => {
      const assigned = targets.some(
        (target) =>
          target.type !== "directoryGroup" &&
          target.groupId === groupId &&
          (target.type === "autopatchGroup" || target.ring === ring.name),
      );
      const found = assigned || reached.some((device) => device.groupId === groupId && device.ring === ring.name);
      return found ? [{ groupId, ring: ring.name, days: settingsOf(ring) }] : [];
    }),
  );
}
