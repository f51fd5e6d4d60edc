import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { config } from "../../shared/config.js";
import { graphClient } from "../../shared/graph/client.js";
import { deleteGroup } from "../../shared/graph/groups.js";
import { ringGroupsInTenant, withRingGroups } from "../../shared/groups/ring-groups.js";
import { changeGroup, GroupStatus, readGroup, type StoredGroup } from "../../shared/groups/store.js";
import { startDiscovery } from "../discovery.js";
import { activity } from "../durable.js";
import { groupRef } from "./group-policies.js";

/** What a group's state asks of provisioning. */
export interface Provisioned {
  /** Directory groups alone while assignments are pending or the group is being deleted, else policies as well. */
  readonly wanted: "groups" | "everything";
  /** From when on policies may name the directory groups, ms; null when they have been there all along. */
  readonly replicatedAt: number | null;
  /** Display names of the directory groups that were made or renamed now: policies may have to be assigned anew. */
  readonly written: readonly string[];
}

/**
 * Makes, renames or repairs the directory groups of an Autopatch group and notes them in its record (row 19, part of 99).
 * A group in order costs a few reads and writes nothing. Every write leaves an audit entry that names the service.
 * @param at when it was called first, ms
 */
async function ensureRingGroups(groupId: string, at: number): Promise<Provisioned> {
  const { body: group } = await readGroup(groupId);
  if (group.status === GroupStatus.deleting) return { wanted: "groups", replicatedAt: null, written: [] };
  const made = await ringGroupsInTenant(graphClient(), group);
  if (made.written.length > 0) await note("group.directory.write", groupId, at, { directoryGroups: made.written });
  const { status } = await changeGroup(groupId, (current) => withRingGroups(current, made));
  const youngest = made.youngestAt ?? at;
  return {
    wanted: status === GroupStatus.pendingAssignment || status === GroupStatus.deleting ? "groups" : "everything",
    replicatedAt: youngest + config().GROUP_REPLICATION_SECONDS * 1000,
    written: made.written,
  };
}

export const ensureDirectoryGroups = activity({
  name: "ensureDirectoryGroups",
  input: groupRef,
  run: ({ groupId }, { at }) => ensureRingGroups(groupId, at),
});

/** Deletes the directory groups of rings that the group no longer has; their policies went with `ensureGroupPolicies`. */
export const removeFormerRings = activity({
  name: "removeFormerRings",
  input: groupRef,
  run: async ({ groupId }, { at }) => {
    const { body: group } = await readGroup(groupId);
    const former = formerRings(group);
    if (former.length === 0) return;
    for (const ring of former) {
      const { entraGroupId } = group.bindings[ring] ?? {};
      if (entraGroupId !== undefined) await deleteGroup(graphClient(), entraGroupId);
    }
    await changeGroup(groupId, (current) => {
      const gone = new Set(formerRings(current).filter((ring) => former.includes(ring)));
      const bindings = Object.entries(current.bindings).filter(([ring]) => !gone.has(ring));
      return { ...current, bindings: Object.fromEntries(bindings) };
    });
    await note("group.directory.delete", groupId, at, { rings: former });
  },
});

function formerRings({ definition, bindings }: StoredGroup): string[] {
  const rings = new Set(definition.rings.map(({ name }) => name));
  return Object.keys(bindings).filter((ring) => !rings.has(ring));
}

/** Makes a group active once every ring has its directory group; only then it gets devices and releases. */
export const activateGroup = activity({
  name: "activateGroup",
  input: groupRef,
  run: async ({ groupId }, { at }) => {
    let activated = false;
    await changeGroup(groupId, (group) => {
      const complete = group.definition.rings.every(({ name }) => group.bindings[name] !== undefined);
      activated = complete && group.status === GroupStatus.creating;
      return activated ? { ...group, status: GroupStatus.active } : group;
    });
    if (activated) await note("group.activate", groupId, at);
  },
});

/** Finds the devices of a group and puts them into their rings. */
export const discoverGroup = activity({
  name: "discoverGroup",
  input: groupRef,
  run: async ({ groupId }, { client }) => {
    await startDiscovery(client, { groupId });
  },
});

/** The service's own act on a group, for the audit log. */
export async function note(
  action: string,
  groupId: string,
  at: number,
  evidence?: Record<string, unknown>,
): Promise<void> {
  await audit({ at, actor: SERVICE, action, target: `group/${groupId}`, key: groupId, evidence });
}
