import type { Actor } from "../../shared/access/roles.js";
import { inScope } from "../../shared/access/scope.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { graphClient } from "../../shared/graph/client.js";
import type { Admitted } from "../../shared/groups/admission.js";
import { serviceRings } from "../../shared/groups/service-rings.js";
import { GroupStatus, type StoredGroup } from "../../shared/groups/store.js";
import { startProvisioning, startRemoval } from "../../workflows/group-start.js";
import { etagOf, refuseOther } from "./etag.js";
import { note } from "./note.js";
import type { Reply } from "./reply.js";
import { type Call, json } from "./route.js";

/** A group as the API shows it: as it is stored, and the service ring of each ring (autopatch.md §2.6). */
export function groupView(group: StoredGroup) {
  return { ...group, serviceRings: serviceRings(group.definition) };
}

/** @param stored ETag of the store */
export function withEtag<T>(reply: Reply<T>, stored: string): Reply<T> {
  return { ...reply, headers: { "content-type": "application/json", etag: etagOf(stored) } };
}

/** What a change needs of its call: Graph, and the version that the caller saw. */
export function changeOptions(call: Pick<Call<unknown>, "headers" | "actor">) {
  return {
    graph: graphClient(),
    pending: call.actor.scopeTagIds !== "all",
    unchanged: (stored: string) => refuseOther(call.headers.get("if-match"), etagOf(stored)),
  };
}

/** Whether the caller may see the group. */
export function visibleTo(call: Pick<Call<unknown>, "actor">, { definition }: StoredGroup): boolean {
  return inScope(call.actor, definition.scopeTagIds);
}

/** Notes an accepted change in the audit log, and brings it to the tenant. Answers the group. */
export async function accepted(
  call: Pick<Call<unknown>, "actor" | "client">,
  action: string,
  change: Admitted,
  status = 200,
): Promise<Reply<ReturnType<typeof groupView>>> {
  await noteChange(call, action, change);
  await bringToTenant(call, change);
  return withEtag(json(groupView(change.after), status), change.etag);
}

/** Has the change carried out in the tenant. */
export async function bringToTenant({ client }: Pick<Call<unknown>, "client">, change: Admitted): Promise<void> {
  const { id, status } = change.after;
  if (status === GroupStatus.deleting) await startRemoval(client, id);
  else await startProvisioning(client, id, `${clock.now()}-${change.etag}`);
}

/** Who changed what, before and after. */
export async function noteChange(call: Pick<Call<unknown>, "actor">, action: string, change: Admitted): Promise<void> {
  const { after, before } = change;
  const evidence = { before: before?.body.definition ?? null, after: after.definition };
  await note(call.actor, action, `group/${after.id}`, { evidence });
}

/** What concerns groups whatever their scope tags, and completing those of scoped admins (autopatch.md §2.4, row 14). */
export function refuseScoped({ name, scopeTagIds }: Actor): void {
  if (scopeTagIds === "all") return;
  throw new AppError(
    "forbidden",
    `${name} works within the scope tags ${scopeTagIds.join(", ")}. This needs an administrator without scope.`,
    { details: { rule: "unscopedAdministrator" } },
  );
}
