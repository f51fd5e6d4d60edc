import { AppError } from "../../errors.js";
import type { Graph } from "../graph.js";
import { type DirectoryGroup, deleteGroup, ensureGroup, groupsNamed } from "../groups.js";
import { addMembers, removeMembers } from "../members.js";
import { cut, groupName, groupPrefix, MAX_NAME, objectDescription, objectName, tagOf } from "../names.js";
import { sameMembers } from "../settle.js";
import { setRollBack } from "../update-rings.js";
import type {
  HoldGroup,
  HoldingRelease,
  Offering,
  PolicyBackend,
  PolicyRef,
  ReleasePolicyRef,
  RingTarget,
} from "./types.js";

const STANDING = "standing";

/** Entra groups to whose devices no ring offers anything, as they are now. */
export type LeftOut = () => Promise<readonly string[]>;

/** The sequences L1–L4 of graph.md §7 over either model. */
export function offeringOver(
  graph: Graph,
  backend: PolicyBackend,
  leftOut: LeftOut = () => Promise.resolve([]),
): Offering {
  const standing = async (ring: RingTarget): Promise<PolicyRef> => {
    const ref = await backend.ensurePolicy({
      ...labels(ring, STANDING, `Approves completed quality updates for deployment ring ${ring.ringName}.`),
      hotpatch: ring.hotpatch,
      assignment: { included: [ring.entraGroupId], excluded: [] },
    });
    await assign(ref, [ring.entraGroupId], []);
    return ref;
  };

  const assign = async (ref: PolicyRef, included: readonly string[], held: readonly string[]): Promise<void> => {
    const excluded = [...new Set([...held, ...(await leftOut())])];
    const current = await backend.assignment(ref);
    if (sameMembers(current.included, included) && sameMembers(current.excluded, excluded)) return;
    await backend.assign(ref, { included, excluded });
  };

  /** Policies first: a group that a policy still names must not vanish under it. */
  const remove = async (tag: string): Promise<void> => {
    await backend.removePolicies(tag);
    await removeGroups(graph, tag);
  };

  const own = (ref: ReleasePolicyRef): ReleasePolicyRef => {
    if (ref.model === backend.model) return ref;
    const message = `The release was opened by ${ref.model} policies but the tenant is now served by ${backend.model}. Restore the app's permission for Windows updates, or cancel the release by hand in the tenant.`;
    throw new AppError("conflict", message, { details: { policyId: ref.policyId } });
  };

  return {
    model: backend.model,
    ensureStandingPolicy: standing,

    async openRelease({ releaseKey, ring, catalogEntryId }) {
      const sentence = `Offers ${releaseKey} to deployment ring ${ring.ringName} in waves.`;
      const named = labels(ring, releaseKey, sentence);
      const nobody = { included: [], excluded: [] };
      const ref = await backend.ensurePolicy({ ...named, hotpatch: ring.hotpatch, assignment: nobody });
      // A repeated call must not resume what somebody suspended meanwhile.
      const status = await backend.approval(ref.policyId, catalogEntryId);
      if (status === undefined) await backend.approve(ref.policyId, catalogEntryId, "approved");
      return { ...ref, model: backend.model, catalogEntryId, tag: named.tag };
    },

    ...releaseGroups(graph),
    setWaveGroups: (ref, groupIds, excludedGroupIds) => assign(own(ref), groupIds, excludedGroupIds),
    setApproval: (ref, status) => backend.approve(own(ref).policyId, ref.catalogEntryId, status),

    rollBack: (ring) => setRollBack(graph, ring.updateRingPolicyId, "quality", true),
    endRollBack: (ring) => setRollBack(graph, ring.updateRingPolicyId, "quality", false),

    async finish(ref, ring, catalogEntryId) {
      const { policyId } = await standing(ring);
      await backend.approve(policyId, catalogEntryId, "approved");
      await remove(own(ref).tag);
    },
    withdraw: (ref) => remove(own(ref).tag),
  };
}

type ReleaseGroups = Pick<
  Offering,
  "createWaveGroup" | "createHoldGroup" | "addWaveMembers" | "removeWaveMembers" | "removeHoldGroups"
>;

/** The directory groups that a release makes for its waves and holds, whatever offers it. */
export function releaseGroups(graph: Graph): ReleaseGroups {
  return {
    createWaveGroup: ({ releaseKey, ring, wave }) => ensureReleaseGroup(graph, ring, releaseKey, `wave ${wave}`),
    createHoldGroup: (hold) => ensureHoldGroup(graph, hold),
    addWaveMembers: (groupId, objectIds) => addMembers(graph, groupId, objectIds),
    removeWaveMembers: (groupId, objectIds) => removeMembers(graph, groupId, objectIds),
    removeHoldGroups: (release) => removeGroups(graph, holdTag(release)),
  };
}

async function removeGroups(graph: Graph, tag: string): Promise<void> {
  const groups = await groupsNamed(graph, groupPrefix(tag));
  for (const groupId of groups) await deleteGroup(graph, groupId);
}

function labels(ring: RingTarget, purpose: string, sentence: string) {
  return {
    tag: tagOf(ring, purpose),
    name: objectName(ring, purpose),
    description: objectDescription(ring, purpose, sentence),
  };
}

function ensureReleaseGroup(graph: Graph, ring: RingTarget, purpose: string, detail: string): Promise<DirectoryGroup> {
  return ensureGroup(graph, {
    uniqueName: `ringmaster-${tagOf(ring, purpose)}-${detail.replaceAll(" ", "-")}`,
    displayName: groupName(ring, purpose, detail),
    description: objectDescription(ring, purpose, `Devices of one release (${detail}).`),
  });
}

/** Hold groups serve all rings of a release, so that they have a tag of their own and outlive the rings' policies. */
const holdTag = ({ groupId, releaseKey }: HoldingRelease): string =>
  tagOf({ groupId, ringName: "" }, `${releaseKey} holds`);

function ensureHoldGroup(graph: Graph, hold: HoldGroup): Promise<DirectoryGroup> {
  const { releaseKey, groupName: group, holdId, cohort } = hold;
  const tag = holdTag(hold);
  return ensureGroup(graph, {
    uniqueName: `ringmaster-${tag}-hold-${holdId}`,
    displayName: cut(`${groupPrefix(tag)}${group} ${releaseKey} hold ${holdId} ${cohort}`, MAX_NAME),
    description: `Devices that ${releaseKey} is kept from, because their cohort fails (${cut(cohort, MAX_NAME)}). Kept by Ringmaster [${tag}]: changes made by hand are undone.`,
  });
}
