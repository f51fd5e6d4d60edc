import { clock } from "../clock.js";
import type { Graph } from "../graph/graph.js";
import type { OfficePin } from "../groups/office-pin.js";
import { changeGroup, type StoredGroup } from "../groups/store.js";
import { findBaseline } from "../policies/baseline.js";
import { ensurePolicies } from "../policies/ensure.js";

export interface PinOptions {
  /** True: devices keep what they have, newer or older (a pause). Default false: newer versions go back to the pin. */
  readonly keepsInstalled?: boolean;
  /** The release that holds the ring, by its entry. Absent: a person does. */
  readonly heldFrom?: string | undefined;
  /** ms; a repeated run names the same instant. Default: now. */
  readonly at?: number;
}

/**
 * Holds Microsoft 365 Apps of a ring at a version by the target version of the ring's policy (autopatch.md §8.1), or lets
 * them follow their channel again. The pin is stored with the group first, so that policy health expects it; then the
 * policies are brought to the tenant. May be repeated; nothing is written that is as it should be.
 * @param version `16.0.17425.20140`, or null for none
 * @throws AppError `not_found` for a group that is gone, or what Graph says
 */
export async function pinRing(
  graph: Graph,
  group: Pick<StoredGroup, "id">,
  ring: string,
  version: string | null,
  { keepsInstalled = false, heldFrom, at = clock.now() }: PinOptions = {},
): Promise<StoredGroup> {
  const pin = version === null ? null : { version, keepsInstalled, ...(heldFrom === undefined ? {} : { heldFrom }) };
  const pinned = await changeGroup(group.id, (before) => withPin(before, ring, pin));
  const baseline = (await findBaseline(group.id))?.body;
  // Without one the policies have never been in the tenant: they come with the pin.
  if (baseline !== undefined) {
    const { running, allDevicesGroupId } = baseline;
    await ensurePolicies(graph, { group: pinned, running, allDevicesGroupId, at });
  }
  return pinned;
}

/** The very same group where it has the pin already. */
function withPin(group: StoredGroup, ring: string, pin: OfficePin | null): StoredGroup {
  const { officePins: before = {}, ...rest } = group;
  if (JSON.stringify(before[ring] ?? null) === JSON.stringify(pin)) return group;
  const { [ring]: _former, ...others } = before;
  const officePins = pin === null ? others : { ...others, [ring]: pin };
  return Object.keys(officePins).length === 0 ? rest : { ...rest, officePins };
}
