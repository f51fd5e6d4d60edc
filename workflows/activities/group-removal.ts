import { SERVICE } from "../../shared/access/roles.js";
import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { deleteGroup } from "../../shared/graph/groups.js";
import { runningReleases } from "../../shared/groups/in-release.js";
import { readGroup, removeGroup } from "../../shared/groups/store.js";
import { removePolicies } from "../../shared/policies/ensure.js";
import { listDevices, writeDevices } from "../../shared/registration/store.js";
import { logCommand } from "../../shared/releases/commands.js";
import { listReleases } from "../../shared/releases/store.js";
import { rouse } from "../client.js";
import { startDiscovery } from "../discovery.js";
import { activity } from "../durable.js";
import { RELEASE } from "../names.js";
import { note } from "./group-directory.js";
import { groupRef } from "./group-policies.js";
import { supersedeHolds } from "./release.js";

/** Cancels the releases of a group that is being deleted, and ends what others hold; returns how many have not ended yet. */
export const cancelScheduledReleases = activity({
  name: "cancelScheduledReleases",
  input: groupRef,
  run: async ({ groupId }, { at, client }) => {
    const running = await runningReleases(groupId);
    for (const { id, state } of running) {
      if (state.ending !== null) continue;
      const command = { kind: "cancel" as const, at: clock.now(), by: SERVICE.id, justification: "group deleted" };
      await logCommand(id, { key: `group deleted ${at}`, actor: SERVICE, command });
      await rouse(client, RELEASE, id, { releaseId: id });
    }
    for (const release of await listReleases()) {
      if (release.groupId === groupId) await supersedeHolds(client, release, SERVICE.id, at);
    }
    return running.length;
  },
});

/** Devices of the group lose their ring; those that no other Autopatch group has leave the register (row 35). */
export const releaseGroupDevices = activity({
  name: "releaseGroupDevices",
  input: groupRef,
  run: async ({ groupId }) => {
    const ids = (await listDevices())
      .filter(({ groupId: own, found }) => own === groupId || found.some((place) => place.groupId === groupId))
      .map(({ deviceId }) => deviceId);
    if (ids.length === 0) return;
    await writeDevices(ids, (_id, device) => {
      if (device === undefined) return undefined;
      const found = device.found.filter((place) => place.groupId !== groupId);
      if (found.length === 0 && device.state !== "Excluded") return undefined;
      return device.groupId === groupId ? { ...device, found, groupId: null, ring: null } : { ...device, found };
    });
  },
});

/** Deletes the policies of the group's rings, standing ones included. */
export const removeGroupPolicies = activity({
  name: "removeGroupPolicies",
  input: groupRef,
  run: async ({ groupId }, { at }) => removePolicies(graphClient(), { group: (await readGroup(groupId)).body, at }),
});

/** Deletes the ring groups and their parent; directory groups of the administrator stay. */
export const removeDirectoryGroups = activity({
  name: "removeDirectoryGroups",
  input: groupRef,
  run: async ({ groupId }, { at }) => {
    const { bindings, parentGroupId } = (await readGroup(groupId)).body;
    const rings = Object.values(bindings).map(({ entraGroupId }) => entraGroupId);
    const directoryGroups = parentGroupId === undefined ? rings : [...rings, parentGroupId];
    for (const id of directoryGroups) await deleteGroup(graphClient(), id);
    await note("group.directory.delete", groupId, at, { directoryGroups });
  },
});

/** Deletes the record of the group; devices that it was in conflict for are looked at anew. */
export const forgetGroup = activity({
  name: "forgetGroup",
  input: groupRef,
  run: async ({ groupId }, { at, client }) => {
    await note("group.removed", groupId, at);
    await startDiscovery(client);
    await removeGroup(groupId);
  },
});
