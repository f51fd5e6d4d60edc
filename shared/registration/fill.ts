import { clock } from "../clock.js";
import { graphClient } from "../graph/client.js";
import { listDeviceMembers } from "../graph/directory-groups.js";
import type { Graph } from "../graph/graph.js";
import { sendAdditions, sendRemovals } from "../graph/members.js";
import { findGroup, GroupStatus, type StoredGroup } from "../groups/store.js";
import type { DeviceRecord } from "./device.js";
import { noteFilled } from "./filled.js";
import { type MembershipPlan, planMemberships, settle } from "./memberships.js";
import { same } from "./same.js";
import { changeDevices, listDevices } from "./store.js";

/** Most members added, and most removed, by one call: 100 steps of 20 additions, or 400 steps of one removal. */
const ADDED_AT_ONCE = 2000;
const REMOVED_AT_ONCE = 400;

export interface FillResult {
  /** Memberships added and removed now. Zero: every device is in its ring and in no other. */
  readonly added: number;
  readonly removed: number;
  /** Changes that are left for the next call. */
  readonly left: number;
  /** Devices that the directory no longer has. */
  readonly gone: number;
  /** Devices whose memberships were changed by hand, which now count as moved by an admin. */
  readonly adopted: number;
}

const NOTHING: FillResult = { added: 0, removed: 0, left: 0, gone: 0, adopted: 0 };

/**
 * One step towards the directory groups of an Autopatch group's rings having the members that the register says: looks at
 * both, changes up to 2,000 memberships in batches, and notes which devices have arrived. Repeated until it has nothing
 * to change; that last look is also the reading back. May run again.
 */
export async function fillRings(groupId: string): Promise<FillResult> {
  const group = (await findGroup(groupId))?.body;
  if (group === undefined || group.status !== GroupStatus.active) return NOTHING;
  const graph = graphClient();
  const [members, devices] = await Promise.all([readMembers(graph, group), listDevices({ groupId })]);
  const plan = planMemberships(group.definition, devices, members);
  await noteArrivals(devices, plan);
  const changes = count(plan.add) + count(plan.remove) + plan.changed.length;
  // A device whose move is noted only now is another record at the next look, which then stands for it.
  if (changes === 0 && members.size === group.definition.rings.length) await noteFilled(group, devices, clock.now());
  return { ...(await carryOut(graph, group, plan)), adopted: plan.changed.length };
}

async function readMembers(graph: Graph, group: StoredGroup): Promise<Map<string, ReadonlySet<string>>> {
  const members = new Map<string, ReadonlySet<string>>();
  for (const { name } of group.definition.rings) {
    const binding = group.bindings[name];
    const found = binding && (await listDeviceMembers(graph, binding.entraGroupId));
    // A ring whose group is lost waits until the service has made it anew.
    if (found !== undefined) members.set(name, found);
  }
  return members;
}

/** Devices that hands moved, and devices that are where they should be: their move by an admin is done. */
async function noteArrivals(devices: readonly DeviceRecord[], { changed, settled }: MembershipPlan): Promise<void> {
  const before = new Map(devices.map((record) => [record.deviceId, record]));
  const after = new Map(changed.map((record) => [record.deviceId, record]));
  for (const id of settled) {
    const record = after.get(id) ?? before.get(id);
    if (record !== undefined) after.set(id, settle(record));
  }
  const news = [...after].filter(([id, record]) => !same(record, before.get(id)));
  // Whoever changed a device meanwhile starts a look of his own.
  await changeDevices(
    news.map(([id]) => id),
    (now) => (same(now, before.get(now.deviceId)) ? (after.get(now.deviceId) ?? now) : now),
  );
}

async function carryOut(
  graph: Graph,
  group: StoredGroup,
  { add, remove }: MembershipPlan,
): Promise<Omit<FillResult, "adopted">> {
  const totals = { added: 0, removed: 0, gone: 0 };
  // Into the new ring first, so that no device is without policies in between.
  for (const [ring, objectIds] of add) {
    const now = objectIds.slice(0, ADDED_AT_ONCE - totals.added);
    const entraGroupId = group.bindings[ring]?.entraGroupId;
    if (entraGroupId === undefined || now.length === 0) continue;
    const { gone } = await sendAdditions(graph, entraGroupId, now);
    totals.added += now.length - gone.length;
    totals.gone += gone.length;
  }
  for (const [ring, objectIds] of remove) {
    const now = objectIds.slice(0, REMOVED_AT_ONCE - totals.removed);
    const entraGroupId = group.bindings[ring]?.entraGroupId;
    if (entraGroupId === undefined || now.length === 0) continue;
    await sendRemovals(graph, entraGroupId, now);
    totals.removed += now.length;
  }
  const wanted = count(add) + count(remove);
  return { ...totals, left: wanted - totals.added - totals.removed - totals.gone };
}

function count(changes: ReadonlyMap<string, readonly string[]>): number {
  return [...changes.values()].reduce((sum, ids) => sum + ids.length, 0);
}
