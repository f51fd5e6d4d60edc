import { z } from "zod";
import { HotpatchMonth } from "../../shared/calendar/hotpatch.js";
import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import {
  CalendarSource,
  calendarMonth,
  calendarYear,
  checkUnplanned,
  currentMonth,
} from "../../shared/hotpatch/calendar.js";
import { deviceHotpatch, deviceHotpatchSchema } from "../../shared/hotpatch/device-view.js";
import { hotpatchReport } from "../../shared/hotpatch/make-report.js";
import { reportSchema } from "../../shared/hotpatch/report-schema.js";
import {
  findTenantDefault,
  putTenantDefault,
  tenantDefault,
  tenantDefaultForm,
  tenantDefaultSchema,
} from "../../shared/hotpatch/tenant-default.js";
import {
  findUnplanned,
  listUnplanned,
  monthSchema,
  noEntry,
  putUnplanned,
  removeUnplanned,
  unplannedForm,
  unplannedSchema,
} from "../../shared/hotpatch/unplanned.js";
import { readDevice } from "../../shared/registration/store.js";
import { instant } from "../../shared/schema.js";
import { refuseOtherBody } from "./etag.js";
import { note } from "./note.js";
import { listOf } from "./paging.js";
import { type Call, json, param, route, validate } from "./route.js";
import { withinScope } from "./scope.js";

const MONTH = "hotpatch/calendar/{month}";
const DEFAULT = "hotpatch/default";

const calendarMonthSchema = z
  .object({
    month: monthSchema,
    kind: z.enum(HotpatchMonth).describe("baseline: everybody restarts once; hotpatch: no restart."),
    planned: z.enum(HotpatchMonth).describe("By the rule: baselines in January, April, July and October."),
    source: z.enum(CalendarSource).describe("Who says what kind it is."),
    releasedAt: instant.describe("When its B release is published."),
    unplanned: unplannedSchema.nullable().describe("What an administrator entered."),
  })
  .meta({ id: "HotpatchMonth" });

const calendarQuery = z.strictObject({
  year: z
    .string()
    .regex(/^20\d{2}$/, "write the year as YYYY")
    .optional()
    .describe("Default: the year of the latest B release."),
});

export const hotpatchCalendarList = route({
  name: "hotpatchCalendarList",
  method: "GET",
  path: "hotpatch/calendar",
  role: "Reader",
  act: "read the hotpatch calendar",
  query: calendarQuery,
  answer: { about: "The twelve months of a year.", schema: listOf(calendarMonthSchema) },
  run: async ({ asked }) => {
    const year = Number(asked.year ?? currentMonth(clock.now()).slice(0, 4));
    return json({ value: calendarYear(year, await listUnplanned()) });
  },
});

export const hotpatchCalendarGet = route({
  name: "hotpatchCalendarGet",
  method: "GET",
  path: MONTH,
  role: "Reader",
  act: "read a month of the hotpatch calendar",
  answer: { about: "The month.", schema: calendarMonthSchema, etag: true },
  run: async (call) => json(calendarMonth(monthOf(call), await listUnplanned())),
});

export const hotpatchCalendarPut = route({
  name: "hotpatchCalendarPut",
  method: "PUT",
  path: MONTH,
  role: "Administrator",
  act: "enter an unplanned baseline",
  body: unplannedForm,
  ifMatch: true,
  answer: { about: "The month, now a baseline.", schema: calendarMonthSchema },
  run: async (call) => {
    const month = monthOf(call);
    checkUnplanned(month, clock.now());
    const before = await findUnplanned(month);
    const others = (await listUnplanned()).filter((entry) => entry.month !== month);
    const view = (entry = before?.body) => calendarMonth(month, entry === undefined ? others : [...others, entry]);
    refuseOtherBody(call, view());
    const entry = { ...call.body, month, enteredBy: call.actor.name, enteredAt: clock.iso() };
    await note(call.actor, "hotpatch.enterBaseline", `hotpatch/${month}`, {
      justification: call.body.justification,
      evidence: { before: before?.body ?? null, after: entry },
    });
    await putUnplanned(entry, before);
    return json(view(entry));
  },
});

export const hotpatchCalendarDelete = route({
  name: "hotpatchCalendarDelete",
  method: "DELETE",
  path: MONTH,
  role: "Administrator",
  act: "remove an unplanned baseline",
  ifMatch: true,
  answer: { status: 204, about: "The month is again what the rule says." },
  run: async (call) => {
    const month = monthOf(call);
    const before = await findUnplanned(month);
    if (before === undefined) throw noEntry(month);
    refuseOtherBody(call, calendarMonth(month, [before.body]));
    await note(call.actor, "hotpatch.removeBaseline", `hotpatch/${month}`, { evidence: { before: before.body } });
    await removeUnplanned(before);
    return { status: 204 };
  },
});

export const hotpatchDefaultGet = route({
  name: "hotpatchDefaultGet",
  method: "GET",
  path: DEFAULT,
  role: "Reader",
  act: "read the tenant's hotpatch default",
  answer: { about: "What devices in no quality update policy take.", schema: tenantDefaultSchema, etag: true },
  run: async () => json(tenantDefault((await findTenantDefault())?.body, clock.now())),
});

export const hotpatchDefaultPut = route({
  name: "hotpatchDefaultPut",
  method: "PUT",
  path: DEFAULT,
  role: "Administrator",
  act: "change the tenant's hotpatch default",
  body: tenantDefaultForm,
  ifMatch: true,
  answer: {
    about:
      "The setting as it is entered here; Microsoft Graph cannot change it in the tenant, Intune's admin center can.",
    schema: tenantDefaultSchema,
  },
  run: async (call) => {
    const { hotpatch, justification } = call.body;
    const before = await findTenantDefault();
    const now = clock.now();
    refuseOtherBody(call, tenantDefault(before?.body, now));
    const setting = { hotpatch, changedBy: call.actor.name, changedAt: clock.iso() };
    const evidence = { before: tenantDefault(before?.body, now).hotpatch, after: hotpatch };
    await note(call.actor, "hotpatch.setDefault", "tenant", { justification, evidence });
    await putTenantDefault(setting, before);
    return json(tenantDefault(setting, now));
  },
});

export const hotpatchReportGet = route({
  name: "hotpatchReportGet",
  method: "GET",
  path: "hotpatch/report",
  role: "Reader",
  act: "read the hotpatch report",
  answer: { about: "Devices by quality update policy; made anew after four hours.", schema: reportSchema },
  run: async ({ actor }) => {
    const report = await hotpatchReport(graphClient(), clock.now());
    return json({ ...report, value: [...(await withinScope(actor, report.value))] });
  },
});

export const deviceHotpatchGet = route({
  name: "deviceHotpatchGet",
  method: "GET",
  path: "devices/{deviceId}/hotpatch",
  role: "Reader",
  act: "read whether a device takes hotpatches",
  answer: {
    about: "Its eligibility with reasons, and what it gets this month.",
    schema: deviceHotpatchSchema,
    etag: true,
  },
  run: async (call) =>
    json(await deviceHotpatch(graphClient(), await readDevice(param(call, "deviceId")), clock.now())),
});

function monthOf(call: Pick<Call<unknown>, "params">): string {
  return validate(z.object({ month: monthSchema }), { month: param(call, "month") }).month;
}
