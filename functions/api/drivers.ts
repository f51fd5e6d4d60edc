import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { decideAboutDrivers } from "../../shared/drivers/decide.js";
import { decisionSchema } from "../../shared/drivers/decisions.js";
import { DriverCategory, DriverStatus, driversOf } from "../../shared/drivers/driver.js";
import { readDriverPolicies } from "../../shared/drivers/policies.js";
import {
  decidedSchema,
  driverPoliciesSchema,
  driverPoliciesView,
  driverView,
  driverViewSchema,
  versionOf,
} from "../../shared/drivers/view.js";
import { AppError } from "../../shared/errors.js";
import { graphClient } from "../../shared/graph/client.js";
import { readGroup } from "../../shared/groups/store.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { newestFirst, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";

const driversQuery = z.object({
  status: z.enum(DriverStatus).optional().describe("Drivers that have it in one ring at least."),
  category: z.enum(DriverCategory).optional(),
  ring: z.string().min(1).optional().describe("Drivers that devices of the ring need, with their state there alone."),
});

export const driversList = route({
  name: "driversList",
  method: "GET",
  path: "groups/{groupId}/drivers",
  role: "Reader",
  act: "list drivers",
  query: driversQuery,
  page: true,
  answer: { about: "Drivers and firmware that devices need, the newest first.", schema: pageOf(driverViewSchema) },
  run: async (call) => {
    const { status, category, ring } = call.asked;
    const policies = await policiesOf(call);
    const drivers = driversOf(policies.filter((policy) => ring === undefined || policy.ring === ring));
    const wanted = drivers.filter(({ rings }) =>
      rings.some(
        (state) => (status ?? state.status) === state.status && (category ?? state.category) === state.category,
      ),
    );
    const page = paged(call, wanted, ({ releasedAt, id }) => `${newestFirst(releasedAt ?? "1970-01-01")} ${id}`);
    return json({ ...page, value: page.value.map((driver) => driverView(drivers, driver, clock.now())) });
  },
});

export const driversGet = route({
  name: "driversGet",
  method: "GET",
  path: "groups/{groupId}/drivers/{driverId}",
  role: "Reader",
  act: "read a driver",
  answer: { about: "The driver, with its state in each ring.", schema: driverViewSchema, etag: true },
  run: async (call) => {
    const id = param(call, "driverId");
    const drivers = driversOf(await policiesOf(call));
    const driver = drivers.find((each) => each.id === id);
    if (driver !== undefined) return json(driverView(drivers, driver, clock.now()));
    const message = `No device of the group needs a driver ${id}. GET groups/{groupId}/drivers lists those that are needed.`;
    throw new AppError("not_found", message, { field: "driverId" });
  },
});

export const driverPoliciesGet = route({
  name: "driverPoliciesGet",
  method: "GET",
  path: "groups/{groupId}/driver-policies",
  role: "Reader",
  act: "read driver policies",
  answer: { about: "How drivers are approved in each ring.", schema: driverPoliciesSchema, etag: true },
  run: async (call) => {
    const policies = await policiesOf(call);
    return versioned(json(driverPoliciesView(policies)), versionOf(policies));
  },
});

export const driversDecide = route({
  name: "driversDecide",
  method: "POST",
  path: "groups/{groupId}/driver-decisions",
  role: "Approver",
  act: "decide about drivers",
  body: decisionSchema,
  ifMatch: true,
  answer: { about: "What became of each driver in each ring concerned.", schema: decidedSchema },
  run: async (call) => {
    const { body: group } = await readGroup(param(call, "groupId"));
    const value = await decideAboutDrivers(graphClient(), {
      ...{ group, decision: call.body, actor: call.actor, at: clock.now() },
      // The ETag is that of the group's driver policies: any decision in between changes it.
      unchanged: (policies) => refuseOtherVersion(call, versionOf(policies)),
    });
    return json({ action: call.body.action, value });
  },
});

async function policiesOf(call: Pick<Call<unknown>, "params">) {
  return readDriverPolicies(graphClient(), (await readGroup(param(call, "groupId"))).body);
}
