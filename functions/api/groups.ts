import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import type { Actor } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { checkBindings } from "../../shared/groups/bindings.js";
import {
  findGroup,
  insertGroup,
  listGroups,
  readGroup,
  ringBindingSchema,
  type StoredGroup,
  storedGroupSchema,
  writeGroup,
} from "../../shared/groups/store.js";
import { validateGroup } from "../../shared/groups/validate.js";
import { activeReleases } from "../../workflows/activities/group-policies.js";
import { startOnce } from "../../workflows/client.js";
import { GROUP_POLICIES } from "../../workflows/names.js";
import { json, param, route, validate } from "./route.js";

/**
 * What a caller writes: the definition and, per ring, the Entra group of its devices. What was read may be sent again,
 * so the service's own ids and the group's id are allowed there, and ignored.
 */
const groupBody = z.strictObject({
  id: z.string().optional(),
  definition: z.unknown(),
  bindings: z.record(
    z.string(),
    ringBindingSchema.transform(({ entraGroupId }) => ({ entraGroupId })),
  ),
});

route({
  name: "groupsList",
  method: "GET",
  path: "groups",
  role: "Reader",
  act: "list Autopatch groups",
  run: async () => json({ value: await listGroups() }),
});

route({
  name: "groupsGet",
  method: "GET",
  path: "groups/{groupId}",
  role: "Reader",
  act: "read an Autopatch group",
  run: async (call) => {
    const { body, etag } = await readGroup(param(call, "groupId"));
    return withEtag(json(body), etag);
  },
});

route({
  name: "groupsPut",
  method: "PUT",
  path: "groups/{groupId}",
  role: "Administrator",
  act: "change an Autopatch group",
  body: groupBody,
  run: async (call) => {
    const group = groupOf(param(call, "groupId"), call.body);
    const before = await findGroup(group.id);
    refuseStale(call.headers.get("if-match"), before?.etag);
    checkBindings(group, await listGroups());
    if (before !== undefined) await refuseNewRingsMeanwhile(before.body, group);
    const stored = withPolicies(group, before?.body);
    const etag = before === undefined ? await insertGroup(stored) : await writeGroup(stored, before.etag);
    await noteChange(call.actor, stored, before?.body);
    const instance = `group-policies:${group.id}:${clock.now()}:${etag.replace(/[^A-Za-z0-9]/g, "").slice(-16)}`;
    await startOnce(call.client, GROUP_POLICIES, instance, { groupId: group.id });
    return withEtag(json(stored, before === undefined ? 201 : 200), etag);
  },
});

function groupOf(id: string, body: z.infer<typeof groupBody>): StoredGroup {
  const definition = validateGroup(body.definition);
  return validate(storedGroupSchema, { id, definition, bindings: body.bindings });
}

/** Who sends back the ETag read with the group does not overwrite what somebody else has changed meanwhile. */
function refuseStale(expected: string | null, etag: string | undefined): void {
  if (expected === null || expected === etag || (expected === "*" && etag !== undefined)) return;
  throw new AppError("conflict", "The group is not as it was when you read it. Read it again and repeat your change.");
}

function withEtag(response: HttpResponseInit, etag: string): HttpResponseInit {
  return { ...response, headers: { "content-type": "application/json", etag } };
}

/** Rings come and go between releases only: a running one has its plan for the rings it started with. */
async function refuseNewRingsMeanwhile(before: StoredGroup, after: StoredGroup): Promise<void> {
  const names = ({ definition }: StoredGroup) => definition.rings.map(({ name }) => name).join(", ");
  if (names(before) === names(after)) return;
  const [running] = await activeReleases(before.id);
  if (running === undefined) return;
  throw new AppError(
    "conflict",
    `Rings cannot be added, removed or renamed while release ${running.id} is running. Wait for its end or cancel it.`,
    { field: "definition.rings", details: { releaseId: running.id } },
  );
}

/** Rings that keep their Entra group keep the update ring that the service made for it. */
function withPolicies(group: StoredGroup, before: StoredGroup | undefined): StoredGroup {
  const bindings = Object.fromEntries(
    Object.entries(group.bindings).map(([ring, binding]) => {
      const known = before?.bindings[ring];
      return [ring, known?.entraGroupId === binding.entraGroupId ? known : binding];
    }),
  );
  return { ...group, bindings };
}

async function noteChange(actor: Actor, group: StoredGroup, before: StoredGroup | undefined): Promise<void> {
  const at = clock.now();
  const action = before === undefined ? "group.create" : "group.update";
  const evidence = { before: before?.definition ?? null, after: group.definition };
  await audit({ at, actor, action, target: `group/${group.id}`, evidence, key: `${group.id} ${crypto.randomUUID()}` });
}
