import { type Assignment, listAssignments } from "../access/assignments.js";
import { rightsByName } from "../access/built-in-roles.js";
import { authorises, Role, united } from "../access/roles.js";
import { inScope } from "../access/scope.js";
import type { Question } from "../approvals/questions.js";
import type { Approval } from "../approvals/store.js";
import { config } from "../config.js";
import { AppError } from "../errors.js";
import { findExpedite } from "../expedites/store.js";
import { findGroup } from "../groups/store.js";
import { findRelease } from "../releases/store.js";
import type { Connector } from "./connector.js";
import { findPerson, keepPerson, type TeamsPerson } from "./store.js";

/**
 * Object ids of those who may answer, as far as the service knows them: whom the policy names, or else the approvers of
 * the settings and those whom a role assignment makes one. Roles that only the token shows are not known here.
 */
export async function whoMayAnswer({
  policy,
  escalatedAt,
  question,
}: Pick<Approval, "policy" | "escalatedAt" | "question">): Promise<string[]> {
  const escalated = escalatedAt === null ? [] : policy.escalateTo;
  if (policy.approvers.length > 0) return [...new Set([...policy.approvers, ...escalated])];
  const assigned = (await listAssignments()).filter(({ role }) =>
    authorises({ rights: united(rightsByName([role])) }, Role.approver),
  );
  const reaching = await withinReach(assigned, question);
  return [...new Set([...config().TEAMS_APPROVERS, ...escalated, ...reaching.map(({ oid }) => oid)])];
}

/** Those whose scope tags reach every Autopatch group that a question is about (autopatch.md §4.8). */
async function withinReach(assigned: readonly Assignment[], question: Question): Promise<readonly Assignment[]> {
  if (assigned.every(({ scopeTagIds }) => scopeTagIds === undefined)) return assigned;
  const groups = await Promise.all((await groupIdsOf(question)).map(findGroup));
  const tags = groups.map((group) => group?.body.definition.scopeTagIds ?? []);
  return assigned.filter(
    ({ scopeTagIds }) =>
      scopeTagIds === undefined || (tags.length > 0 && tags.every((each) => inScope({ scopeTagIds }, each))),
  );
}

async function groupIdsOf({ releaseId, expediteId, groupId }: Question): Promise<readonly string[]> {
  if (groupId !== undefined) return [groupId];
  if (expediteId !== undefined) return (await findExpedite(expediteId))?.groupIds ?? [];
  const release = releaseId === undefined ? undefined : await findRelease(releaseId);
  return release === undefined ? [] : [release.groupId];
}

/**
 * These people as Teams knows them, those it does not know left out. Who is not known here is looked up once among the
 * members of the channel's team; a team that the bot may not see has none.
 */
export async function findPeople(
  connector: Connector,
  oids: readonly string[],
  channelId: string | undefined,
): Promise<Map<string, TeamsPerson>> {
  const found = new Map<string, TeamsPerson>();
  for (const oid of oids) {
    const person = await findPerson(oid);
    if (person !== undefined) found.set(oid, person);
  }
  const unknown = new Set(oids.filter((oid) => !found.has(oid)));
  if (unknown.size === 0 || channelId === undefined) return found;
  try {
    for await (const { oid, mri, name } of connector.members(channelId)) {
      if (!unknown.delete(oid)) continue;
      found.set(oid, await keepPerson({ oid, mri, name }));
      if (unknown.size === 0) break;
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable) throw error;
  }
  return found;
}
