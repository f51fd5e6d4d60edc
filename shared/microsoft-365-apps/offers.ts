import { clock } from "../clock.js";
import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import type { StandingPolicy, StandingRef } from "../graph/offering/standing.js";
import { configurationArea } from "../graph/policies/configuration-area.js";
import { PolicyKind } from "../graph/policies/types.js";
import type { OfficePin } from "../groups/office-pin.js";
import { readGroup } from "../groups/store.js";
import { ringPolicyId } from "../policies/ring-policy-id.js";
import { officeVersions } from "./list.js";
import { pinRing } from "./pin.js";
import { officeEntryId } from "./update.js";
import { monthlyVersions } from "./versions.js";

/**
 * The policy of a ring has devices follow their channel. A release that stops its version there has them keep what they
 * have, as a pause by people does, at the version before (autopatch.md §8.1); it lets them go on unless people hold the
 * ring. Where a release ends while it stops its version the ring stays so until the next version opens it.
 */
export function officeOffers(graph: Graph): StandingPolicy {
  return {
    find: (ring) => ringPolicyId(graph, configurationArea, ring, PolicyKind.microsoft365Apps),
    async set(ref, status) {
      if (isPersonal(await pinOf(ref))) return;
      const { groupId: id, ringName } = ref.ring;
      const version = status === "suspended" ? await versionBefore(ref.catalogEntryId) : null;
      await pinRing(graph, { id }, ringName, version, { keepsInstalled: true, heldFrom: ref.catalogEntryId });
    },
    async open(ref) {
      const pin = await pinOf(ref);
      if (pin === undefined || isPersonal(pin) || pin.heldFrom === ref.catalogEntryId) return;
      await pinRing(graph, { id: ref.ring.groupId }, ref.ring.ringName, null);
    },
  };
}

async function pinOf({ ring: { groupId, ringName } }: StandingRef): Promise<OfficePin | undefined> {
  return (await readGroup(groupId)).body.officePins?.[ringName];
}

function isPersonal(pin: OfficePin | undefined): boolean {
  return pin !== undefined && pin.heldFrom === undefined;
}

/** Throws `unavailable` while the list does not have it. */
async function versionBefore(catalogEntryId: string): Promise<string> {
  const now = clock.now();
  const versions = monthlyVersions((await officeVersions(now)).versions, now);
  const place = versions.findIndex((version) => officeEntryId(version) === catalogEntryId);
  const before = place < 0 ? undefined : versions[place + 1];
  if (before !== undefined) return before.version;
  const message = `The list of Office versions has none before ${catalogEntryId}, at which a ring could be held. GET app-versions says why; it is tried again.`;
  throw new AppError("unavailable", message);
}
