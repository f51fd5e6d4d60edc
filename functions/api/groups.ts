import { z } from "zod";
import { refuseForeignTags } from "../../shared/access/scope.js";
import { confirmSchema } from "../../shared/drivers/mode.js";
import { completeAssignments, createGroup, deleteGroup, editGroup, renameGroup } from "../../shared/groups/changes.js";
import { groupSchema } from "../../shared/groups/group.js";
import { MAX_GROUPS } from "../../shared/groups/rules/tenant.js";
import { findGroup, listGroups, readGroup, type StoredGroup, storedGroupSchema } from "../../shared/groups/store.js";
import { validateGroup } from "../../shared/groups/validate.js";
import { groupViewSchema } from "../../shared/groups/view-schema.js";
import { accepted, changeOptions, groupView, refuseScoped, visibleTo, withEtag } from "./group-calls.js";
import { paged, pageOf } from "./paging.js";
import { json, param, route, validate } from "./route.js";

/** What a caller writes is the definition. What was read may be sent again: all else is the service's, and ignored. */
const groupBody = z.object({ definition: z.unknown() });
const changedBody = groupBody.extend({ confirm: confirmSchema });
const describedGroup = z.looseObject({ definition: groupSchema });
const describedChange = describedGroup.extend({ confirm: confirmSchema });

const groupsSchema = pageOf(groupViewSchema, {
  canCreate: z.boolean(),
  limit: z.int().describe("Most groups of a tenant."),
});

export const groupsList = route({
  name: "groupsList",
  method: "GET",
  path: "groups",
  role: "Reader",
  act: "list Autopatch groups",
  page: true,
  answer: { about: "Autopatch groups in the order of their ids.", schema: groupsSchema },
  run: async (call) => {
    const groups = await listGroups();
    const visible = groups.filter((group) => visibleTo(call, group)).map(groupView);
    const page = paged(call, visible, ({ id }) => id);
    return json({ ...page, canCreate: groups.length < MAX_GROUPS, limit: MAX_GROUPS });
  },
});

export const groupsGet = route({
  name: "groupsGet",
  method: "GET",
  path: "groups/{groupId}",
  role: "Reader",
  act: "read an Autopatch group",
  answer: { about: "The group.", schema: groupViewSchema, etag: true },
  run: async (call) => {
    const { body, etag } = await readGroup(param(call, "groupId"));
    return withEtag(json(groupView(body)), etag);
  },
});

export const groupsPost = route({
  name: "groupsPost",
  method: "POST",
  path: "groups",
  role: "Administrator",
  act: "create an Autopatch group",
  body: groupBody,
  described: describedGroup,
  answer: { status: 201, about: "The new group; it is being brought to the tenant.", schema: groupViewSchema },
  run: async (call) => {
    const definition = validateGroup(call.body.definition);
    refuseForeignTags(call.actor, definition.scopeTagIds, "scopeTagIds");
    return accepted(call, "group.create", await createGroup(definition, changeOptions(call)), 201);
  },
});

export const groupsPut = route({
  name: "groupsPut",
  method: "PUT",
  path: "groups/{groupId}",
  role: "Administrator",
  act: "change an Autopatch group",
  body: changedBody,
  described: describedChange,
  ifMatch: true,
  answer: { or: 201, about: "The group as it is now; 201 where it is new.", schema: groupViewSchema },
  run: async (call) => {
    const id = validate(storedGroupSchema.shape.id, param(call, "groupId"));
    const options = { ...changeOptions(call), confirmed: call.body.confirm };
    const definition = validateGroup(call.body.definition);
    const allowed = (before: readonly string[] = []) => {
      refuseForeignTags(call.actor, definition.scopeTagIds, "scopeTagIds", before);
      return definition;
    };
    if (!call.headers.has("if-match") && (await findGroup(id)) === undefined)
      return accepted(call, "group.create", await createGroup(allowed(), { ...options, id }), 201);
    const edit = (before: StoredGroup) => allowed(before.definition.scopeTagIds);
    return accepted(call, "group.update", await editGroup(id, edit, options));
  },
});

export const groupsRename = route({
  name: "groupsRename",
  method: "POST",
  path: "groups/{groupId}/rename",
  role: "Administrator",
  act: "rename an Autopatch group",
  body: z.strictObject({ name: groupSchema.shape.name }),
  ifMatch: true,
  answer: { about: "The group with its new name.", schema: groupViewSchema },
  run: async (call) =>
    accepted(call, "group.rename", await renameGroup(param(call, "groupId"), call.body.name, changeOptions(call))),
});

export const groupsCompleteAssignments = route({
  name: "groupsCompleteAssignments",
  method: "POST",
  path: "groups/{groupId}/complete-assignments",
  role: "Administrator",
  act: "complete the assignments of an Autopatch group",
  ifMatch: true,
  answer: { status: 202, about: "The group; it is being brought to the tenant.", schema: groupViewSchema },
  run: async (call) => {
    refuseScoped(call.actor);
    return accepted(
      call,
      "group.completeAssignments",
      await completeAssignments(param(call, "groupId"), changeOptions(call)),
      202,
    );
  },
});

export const groupsDelete = route({
  name: "groupsDelete",
  method: "DELETE",
  path: "groups/{groupId}",
  role: "Administrator",
  act: "delete an Autopatch group",
  ifMatch: true,
  answer: { status: 202, about: "The group; it is being removed from the tenant.", schema: groupViewSchema },
  run: async (call) => {
    const change = await deleteGroup(param(call, "groupId"), changeOptions(call));
    return accepted(call, "group.delete", change, 202);
  },
});
