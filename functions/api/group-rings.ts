import { z } from "zod";
import type { Admitted } from "../../shared/groups/admission.js";
import { editGroup } from "../../shared/groups/changes.js";
import type { AutopatchGroup } from "../../shared/groups/group.js";
import { distributionSchema, ringSchema } from "../../shared/groups/ring.js";
import { addRing, removeRing, resetToPreset } from "../../shared/groups/ring-edits.js";
import { monthSchedule } from "../../shared/groups/schedule.js";
import { readGroup } from "../../shared/groups/store.js";
import { validateGroup } from "../../shared/groups/validate.js";
import { groupViewSchema, scheduleSchema } from "../../shared/groups/view-schema.js";
import { monthText } from "../../shared/schema.js";
import { accepted, changeOptions } from "./group-calls.js";
import { type Call, json, param, route } from "./route.js";

const newRing = z.strictObject({
  name: ringSchema.shape.name,
  after: z.string().optional(),
  distribution: distributionSchema.prefault({}),
});
const resetBody = z.strictObject({ rings: z.array(z.string()).min(1).optional() });
const scheduleQuery = z.object({
  month: monthText.describe("The month of the B release, YYYY-MM."),
});

export const groupsAddRing = route({
  name: "groupsAddRing",
  method: "POST",
  path: "groups/{groupId}/rings",
  role: "Administrator",
  act: "add a ring to an Autopatch group",
  body: newRing,
  ifMatch: true,
  answer: { status: 201, about: "The group with the new ring.", schema: groupViewSchema },
  run: async (call) => {
    const added = (group: AutopatchGroup) => validateGroup(addRing(group, call.body), { origin: "stored" });
    return accepted(call, "group.addRing", await changed(call, added), 201);
  },
});

export const groupsRemoveRing = route({
  name: "groupsRemoveRing",
  method: "DELETE",
  path: "groups/{groupId}/rings/{ring}",
  role: "Administrator",
  act: "remove a ring from an Autopatch group",
  ifMatch: true,
  answer: { about: "The group without the ring.", schema: groupViewSchema },
  run: async (call) => {
    const ring = param(call, "ring");
    const removed = (group: AutopatchGroup) => validateGroup(removeRing(group, ring), { origin: "stored" });
    return accepted(call, "group.removeRing", await changed(call, removed));
  },
});

export const groupsResetToPreset = route({
  name: "groupsResetToPreset",
  method: "POST",
  path: "groups/{groupId}/reset-to-preset",
  role: "Administrator",
  act: "reset an Autopatch group to the values of its preset",
  body: resetBody,
  ifMatch: true,
  answer: { about: "The group with the values of its preset.", schema: groupViewSchema },
  run: async (call) => {
    const reset = (group: AutopatchGroup) => resetToPreset(group, call.body.rings);
    return accepted(call, "group.resetToPreset", await changed(call, reset));
  },
});

export const groupsSchedule = route({
  name: "groupsSchedule",
  method: "GET",
  path: "groups/{groupId}/schedule",
  role: "Reader",
  act: "read the schedule of an Autopatch group",
  query: scheduleQuery,
  answer: { about: "When each ring has the B release of the month.", schema: scheduleSchema },
  run: async (call) => {
    const { month } = call.asked;
    const { definition } = (await readGroup(param(call, "groupId"))).body;
    const plan = monthSchedule(definition, Number(month.slice(0, 4)), Number(month.slice(5)));
    const rings = plan.map(({ ring, availableAt, deadlineAt, shownDeadlineAt, forcedRestartBy }) => ({
      ring,
      availableAt: isoOf(availableAt),
      deadlineAt: isoOf(deadlineAt),
      shownDeadlineAt: isoOf(shownDeadlineAt),
      forcedRestartBy: isoOf(forcedRestartBy),
    }));
    return json({ month, rings });
  },
});

/** Changes the group that the path names; `change` sees its present definition. */
function changed(
  call: Pick<Call<unknown>, "actor" | "headers" | "params">,
  change: (definition: AutopatchGroup) => AutopatchGroup,
): Promise<Admitted> {
  return editGroup(param(call, "groupId"), ({ definition }) => change(definition), changeOptions(call));
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
