import type * as df from "durable-functions";
import { GroupStatus, listGroups } from "../shared/groups/store.js";
import { overdueSwitches } from "../shared/inventory/switch.js";
import { startOnce } from "./client.js";
import { GROUP_PROVISIONING, GROUP_REMOVAL } from "./names.js";

/**
 * Brings a group to the tenant. `cause` tells what was changed, e.g. the ETag of the version: the same cause runs once at
 * a time, while two edits at once run both and end with the newer.
 */
export async function startProvisioning(client: df.DurableClient, groupId: string, cause: string): Promise<void> {
  const instance = `group-provisioning:${groupId}:${cause.replace(/[^A-Za-z0-9-]/g, "").slice(-24)}`;
  await startOnce(client, GROUP_PROVISIONING, instance, { groupId });
}

/** Brings changes of switches to the tenant whose provisioning was never begun. @param now ms */
export async function goOnWithSwitches(client: df.DurableClient, now: number): Promise<void> {
  const groups = (await listGroups()).filter(({ status }) => status === GroupStatus.active);
  for (const [groupId, since] of await overdueSwitches(groups, now)) {
    await startProvisioning(client, groupId, `switch-${since}`);
  }
}

/** Removes a group that is marked for deletion. */
export async function startRemoval(client: df.DurableClient, groupId: string): Promise<void> {
  await startOnce(client, GROUP_REMOVAL, `group-removal:${groupId}`, { groupId });
}
