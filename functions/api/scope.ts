import { areasOf } from "../../shared/access/areas.js";
import { type Actor, Area } from "../../shared/access/roles.js";
import { inScope } from "../../shared/access/scope.js";
import { type Approval, readApproval } from "../../shared/approvals/store.js";
import { AppError } from "../../shared/errors.js";
import type { Expedite } from "../../shared/expedites/expedite.js";
import { listExpedites, readExpedite } from "../../shared/expedites/store.js";
import { findGroup, listGroups } from "../../shared/groups/store.js";
import { readAlert } from "../../shared/policies/alerts.js";
import { readDevice } from "../../shared/registration/store.js";
import { listReleases, readRelease } from "../../shared/releases/store.js";

type Params = Readonly<Record<string, string>>;

/** A device that is in no Autopatch group, or a policy of all devices, belongs to nobody's scope tags. */
const NO_GROUP = "";

/**
 * What a path names by group, release, expedite, approval, device or policy alert exists for a scoped admin only if its Autopatch group carries
 * one of his tags (autopatch.md §4.8). Throws `not_found` otherwise. Costs nothing for others.
 */
export async function refuseOutOfScope(actor: Actor, params: Params): Promise<void> {
  if (actor.scopeTagIds === "all") return;
  const expedite = await expediteOf(params);
  const groupId = expedite === undefined ? await groupOf(params) : NO_GROUP;
  if (groupId === undefined) return;
  const group = groupId === NO_GROUP ? undefined : await findGroup(groupId);
  // A group that is not there is for the call itself to miss, or to make; what a lost one leaves is nobody's.
  if (expedite !== undefined && (await whollyWithinScope(actor, [expedite])).length > 0) return;
  const open = group === undefined ? groupId === params.groupId : inScope(actor, group.body.definition.scopeTagIds);
  if (open) return;
  const message = `${actor.name} finds nothing of that name in the Autopatch groups of scope tags ${actor.scopeTagIds.join(", ")}. Ask an administrator for the scope tag of its group.`;
  const field =
    ["groupId", "releaseId", "expediteId", "approvalId", "deviceId", "alertId"].find(
      (name) => params[name] !== undefined,
    ) ?? "";
  throw new AppError("not_found", message, { field, details: { scopeTagIds: [...actor.scopeTagIds] } });
}

/** Scope tags do not restrict messages, support requests and admin contacts (autopatch.md §4.8). */
const UNRESTRICTED = /^(tenant\/contacts|messages|support-requests)\b/;

/** What concerns the tenant as a whole, who has which role included, is not for scoped admins to change. */
export function refuseTenantWide(actor: Actor, { method, path, act }: { method: string; path: string; act: string }) {
  if (actor.scopeTagIds === "all" || method === "GET" || UNRESTRICTED.test(path)) return;
  if (!areasOf(method, path).includes(Area.tenant)) return;
  const message = `${actor.name} works within scope tags and may not ${act}. Ask an administrator without scope tags.`;
  throw new AppError("forbidden", message, { details: { scopeTagIds: [...actor.scopeTagIds] } });
}

/** Those of the items whose Autopatch group the actor may see. */
export async function withinScope<T extends { readonly groupId: string | null }>(
  actor: Actor,
  items: readonly T[],
): Promise<readonly T[]> {
  if (actor.scopeTagIds === "all") return items;
  const visible = await visibleGroups(actor);
  return items.filter(({ groupId }) => groupId !== null && visible.has(groupId));
}

/** Those of the items all of whose Autopatch groups the actor may see: they are decided as a whole. */
export async function whollyWithinScope<T extends { readonly groupIds: readonly string[] }>(
  actor: Actor,
  items: readonly T[],
): Promise<readonly T[]> {
  if (actor.scopeTagIds === "all") return items;
  const visible = await visibleGroups(actor);
  return items.filter(({ groupIds }) => groupIds.length > 0 && groupIds.every((id) => visible.has(id)));
}

/** Throws `rule_violated` for groups that are not a scoped admin's to see. Costs nothing for others. */
export async function refuseForeignGroups(actor: Actor, groupIds: readonly string[]): Promise<void> {
  if (actor.scopeTagIds === "all") return;
  const visible = await visibleGroups(actor);
  const foreign = groupIds.filter((id) => !visible.has(id));
  if (foreign.length === 0) return;
  const message = `groups: there is no Autopatch group ${foreign.join(", ")} that you may see. GET /api/v1/groups lists those by id.`;
  throw new AppError("rule_violated", message, { field: "groups", details: { rule: "unknownGroup" } });
}

/** Those of the approvals that are about such groups, their releases and expedites. */
export async function approvalsWithinScope(actor: Actor, approvals: readonly Approval[]): Promise<readonly Approval[]> {
  if (actor.scopeTagIds === "all") return approvals;
  const releases = new Set((await withinScope(actor, await listReleases())).map(({ id }) => id));
  const expedites = new Set((await whollyWithinScope(actor, await listExpedites())).map(({ id }) => id));
  const groups = await visibleGroups(actor);
  return approvals.filter(
    ({ question: { releaseId = "", expediteId = "", groupId = "" } }) =>
      releases.has(releaseId) || expedites.has(expediteId) || groups.has(groupId),
  );
}

async function visibleGroups(actor: Actor): Promise<ReadonlySet<string>> {
  const groups = (await listGroups()).filter(({ definition }) => inScope(actor, definition.scopeTagIds));
  return new Set(groups.map(({ id }) => id));
}

async function groupOf({ groupId, releaseId, approvalId, deviceId, alertId }: Params): Promise<string | undefined> {
  if (groupId !== undefined) return groupId;
  if (releaseId !== undefined) return (await readRelease(releaseId)).groupId;
  if (deviceId !== undefined) return (await readDevice(deviceId)).groupId ?? NO_GROUP;
  if (alertId !== undefined) return (await readAlert(alertId)).groupId ?? NO_GROUP;
  if (approvalId === undefined) return undefined;
  const { releaseId: asked, groupId: owner } = (await readApproval(approvalId)).body.question;
  if (owner !== undefined) return owner;
  return asked === undefined ? NO_GROUP : (await readRelease(asked)).groupId;
}

/** The expedite that a path names, by itself or by the question about it. */
async function expediteOf({ expediteId, approvalId }: Params): Promise<Expedite | undefined> {
  if (expediteId !== undefined) return readExpedite(expediteId);
  if (approvalId === undefined) return undefined;
  const asked = (await readApproval(approvalId)).body.question.expediteId;
  return asked === undefined ? undefined : readExpedite(asked);
}
