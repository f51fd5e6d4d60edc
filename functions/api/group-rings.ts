import { z } from "zod";
import { editGroup } from "../../shared/groups/changes.js";
import { distributionSchema, ringSchema } from "../../shared/groups/ring.js";
import { addRing, removeRing, resetToPreset } from "../../shared/groups/ring-edits.js";
import { monthSchedule } from "../../shared/groups/schedule.js";
import { readGroup } from "../../shared/groups/store.js";
import { validateGroup } from "../../shared/groups/validate.js";
import { accepted, changeOptions } from "./group-calls.js";
import { json, param, route, validate } from "./route.js";

const newRing = z.strictObject({
  name: ringSchema.shape.name,
  after: z.string().optional(),
  distribution: distributionSchema.prefault({}),
});
const reset = z.strictObject({ rings: z.array(z.string()).min(1).optional() });
const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, "write a month like 2026-11")
  .transform((text) => ({ year: Number(text.slice(0, 4)), month: Number(text.slice(5)) }));

route({
  name: "groupsAddRing",
  method: "POST",
  path: "groups/{groupId}/rings",
  role: "Administrator",
  act: "add a ring to an Autopatch group",
  body: newRing,
  run: async (call) => {
    const edit = editGroup(
      param(call, "groupId"),
      ({ definition }) => validateGroup(addRing(definition, call.body), { origin: "stored" }),
      changeOptions(call),
    );
    return accepted(call, "group.addRing", await edit, 201);
  },
});

route({
  name: "groupsRemoveRing",
  method: "DELETE",
  path: "groups/{groupId}/rings/{ring}",
  role: "Administrator",
  act: "remove a ring from an Autopatch group",
  run: async (call) => {
    const edit = editGroup(
      param(call, "groupId"),
      ({ definition }) => validateGroup(removeRing(definition, param(call, "ring")), { origin: "stored" }),
      changeOptions(call),
    );
    return accepted(call, "group.removeRing", await edit);
  },
});

route({
  name: "groupsResetToPreset",
  method: "POST",
  path: "groups/{groupId}/reset-to-preset",
  role: "Administrator",
  act: "reset an Autopatch group to the values of its preset",
  body: reset,
  run: async (call) => {
    const edit = editGroup(
      param(call, "groupId"),
      ({ definition }) => resetToPreset(definition, call.body.rings),
      changeOptions(call),
    );
    return accepted(call, "group.resetToPreset", await edit);
  },
});

route({
  name: "groupsSchedule",
  method: "GET",
  path: "groups/{groupId}/schedule",
  role: "Reader",
  act: "read the schedule of an Autopatch group",
  run: async (call) => {
    const { month: given } = validate(z.object({ month }), { month: call.query.get("month") ?? undefined });
    const { definition } = (await readGroup(param(call, "groupId"))).body;
    const rings = monthSchedule(definition, given.year, given.month).map(({ ring, ...dates }) => ({
      ring,
      ...Object.fromEntries(Object.entries(dates).map(([name, at]) => [name, isoOf(at)])),
    }));
    return json({ month: call.query.get("month"), rings });
  },
});

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
