import type * as df from "durable-functions";
import { SERVICE } from "../../shared/access/roles.js";
import { clock } from "../../shared/clock.js";
import { orderKey } from "../../shared/expedites/deployments.js";
import type { Expedite, ExpediteDeployment } from "../../shared/expedites/expedite.js";
import { graphClient } from "../../shared/graph/client.js";
import { runningQualityReleases } from "../../shared/groups/in-release.js";
import { findGroup, GroupStatus, type StoredGroup } from "../../shared/groups/store.js";
import { groupsPausing } from "../../shared/quality-policies/paused.js";
import { commandsOf, logCommand } from "../../shared/releases/commands.js";
import { isExpedited } from "../../shared/releases/expedite.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { findRelease } from "../../shared/releases/store.js";
import type { QualityUpdate } from "../../shared/updates/quality-update.js";
import { Supersedence, supersedence } from "../../shared/updates/supersedence.js";
import { rouse } from "../client.js";
import { RELEASE } from "../names.js";
import { writeRelease } from "./catalogue.js";

/** A chosen group, and why it takes no part; `skipped` null: it does. */
interface Part {
  readonly groupId: string;
  readonly groupName: string;
  readonly group: StoredGroup | undefined;
  readonly skipped: string | null;
}

/** Which of the chosen groups the update can be expedited in now. */
export async function partsOf(expedite: Expedite, update: QualityUpdate): Promise<Part[]> {
  const parts: Part[] = [];
  const paused = expedite.despitePause === true ? null : await groupsPausing(graphClient(), update, clock.now());
  for (const groupId of expedite.groupIds) {
    const group = (await findGroup(groupId))?.body;
    const groupName = group?.definition.name ?? groupId;
    const pausing = paused?.get(groupId);
    const skipped =
      group === undefined
        ? "the Autopatch group is gone"
        : ((await whySkipped(expedite, group, update)) ?? (pausing === undefined ? null : pausedBy(pausing)));
    parts.push({ groupId, groupName, group, skipped });
  }
  return parts;
}

/** What people have paused in a policy is not expedited (autopatch.md §5.10), unless the expedite says so. */
function pausedBy(policies: readonly string[]): string {
  const names = policies.map((name) => `"${name}"`).join(", ");
  return `the update is paused in quality update policy ${names}; resume it there, or ask again with despitePause`;
}

/** Why nothing is left to expedite, for people; undefined while something is. */
export function nothingLeft(parts: readonly Pick<Part, "groupId" | "skipped">[]): string | undefined {
  if (parts.some(({ skipped }) => skipped === null)) return undefined;
  const reasons = parts.map(({ groupId, skipped }) => `${groupId}: ${skipped}`);
  return `Nothing is left to expedite. ${reasons.join("; ")}.`;
}

/**
 * Has the update expedited in every chosen group: its release is told to, and made first where there is none. May be
 * repeated. @param at when it was asked for first, ms
 */
export async function deployExpedite(
  expedite: Expedite,
  at: number,
  client: df.DurableClient,
): Promise<ExpediteDeployment[]> {
  const { update } = expedite;
  const deployments: ExpediteDeployment[] = [];
  for (const { groupId, groupName, group, skipped } of update === null ? [] : await partsOf(expedite, update)) {
    if (update === null || group === undefined || skipped !== null) {
      deployments.push({ groupId, groupName, releaseId: null, skipped });
      continue;
    }
    const releaseId = releaseIdOf(groupId, update);
    if ((await findRelease(releaseId)) === undefined) await writeRelease(group, update, at);
    await order(expedite, releaseId, at);
    await rouse(client, RELEASE, releaseId, { releaseId });
    deployments.push({ groupId, groupName, releaseId, skipped: null });
  }
  return deployments;
}

/** Releases that were told to expedite, also by a launch that broke off before it could be written down. */
export async function orderedReleases({ id, update, groupIds }: Expedite): Promise<string[]> {
  const ordered: string[] = [];
  for (const releaseId of update === null ? [] : groupIds.map((groupId) => releaseIdOf(groupId, update))) {
    if ((await commandsOf(releaseId)).some(({ key }) => key === orderKey(id))) ordered.push(releaseId);
  }
  return ordered;
}

/** Why a group takes no part; null: it does. */
async function whySkipped(
  { id, rebootDays }: Expedite,
  { id: groupId, status, definition }: StoredGroup,
  update: QualityUpdate,
): Promise<string | null> {
  if (status !== GroupStatus.active) return `the Autopatch group is ${status}`;
  if (rebootDays === null && !definition.expeditedQualityUpdates) return "expedited quality updates are switched off";
  const release = await findRelease(releaseIdOf(groupId, update));
  const { state, expedite } = release ?? {};
  if (state?.phase === "ended") return `its release is ${state.outcome}`;
  if (state !== undefined && state.ending !== null) return `its release is being ${state.ending.outcome}`;
  if (expedite !== undefined && isExpedited({ expedite }) && expedite.id !== id)
    return `it is in expedite ${expedite.id}`;
  const newer = (await runningQualityReleases(groupId)).find(
    (running) => supersedence(running.update, update) === Supersedence.full,
  );
  return newer === undefined ? null : `the newer release ${newer.id} is running`;
}

/** The person who approved it orders it, else the service. */
async function order({ id, approved, rebootDays, justification }: Expedite, releaseId: string, at: number) {
  const actor = approved?.by ?? { id: SERVICE.id, name: SERVICE.name };
  const why = justification === null ? {} : { justification };
  const command = { kind: "expedite", at, by: actor.name, expediteId: id, rebootDays, ...why } as const;
  await logCommand(releaseId, { key: orderKey(id), actor, command });
}
