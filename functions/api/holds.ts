import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { exemptReason, holdReason, matches, parseCohort } from "../../shared/cohorts/cohort.js";
import { AppError } from "../../shared/errors.js";
import { type DeviceRow, ledger } from "../../shared/ledger/index.js";
import { holdsView } from "../../shared/releases/hold-view.js";
import {
  applyHoldCommand,
  type CohortHold,
  type HoldCommand,
  holdOf,
  MOST_EXEMPT,
} from "../../shared/releases/holds.js";
import { type Release, readRelease } from "../../shared/releases/store.js";
import { deviceRowSchema, holdsSchema } from "../../shared/releases/view-schema.js";
import { paged, pageOf } from "./paging.js";
import { accept, commandSchema, decidedOn, refuseUndecided } from "./release-commands.js";
import { type Call, json, param, route } from "./route.js";

const HOLDS = "releases/{releaseId}/holds";
const HOLD = `${HOLDS}/{holdId}`;

const heldDeviceSchema = deviceRowSchema.extend({ exempt: z.boolean() }).meta({ id: "HeldDevice" });
const justification = z.string().trim().min(1).max(1000);
const releaseBody = z.strictObject({ justification });
const exemptBody = z.strictObject({ deviceIds: z.array(z.guid()).min(1).max(MOST_EXEMPT), justification });

export const holdsList = route({
  name: "holdsList",
  method: "GET",
  path: HOLDS,
  role: "Reader",
  act: "list the holds of a release",
  answer: {
    about: "The holds of the release, the oldest first, and what else its cohorts suggest.",
    schema: holdsSchema,
    etag: true,
  },
  run: async (call) => {
    const release = await readRelease(param(call, "releaseId"));
    return decidedOn(json(holdsView(release)), release);
  },
});

export const holdsDevices = route({
  name: "holdsDevices",
  method: "GET",
  path: `${HOLD}/devices`,
  role: "Reader",
  act: "list the devices of a hold",
  page: true,
  answer: { about: "Devices that the hold keeps, in the order of their ids.", schema: pageOf(heldDeviceSchema) },
  run: async (call) => {
    const [release, hold] = await named(call);
    const exempt = new Set(hold.exempt);
    const devices = await devicesOf(release, hold);
    const value = devices.map((row) => ({ ...row, exempt: exempt.has(row.deviceId) }));
    return json(paged(call, value, ({ deviceId }) => deviceId));
  },
});

export const holdsRelease = route({
  name: "holdsRelease",
  method: "POST",
  path: `${HOLD}/release`,
  role: "Operator",
  act: "release a hold",
  body: releaseBody,
  ifMatch: true,
  answer: { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema },
  run: async (call) => {
    const holdId = param(call, "holdId");
    return give(call, { kind: "releaseHold", at: clock.now(), by: call.actor.name, holdId, ...call.body });
  },
});

export const holdsExempt = route({
  name: "holdsExempt",
  method: "POST",
  path: `${HOLD}/exempt`,
  role: "Operator",
  act: "exempt devices from a hold",
  body: exemptBody,
  ifMatch: true,
  answer: { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema },
  run: async (call) => {
    const [release, hold] = await named(call);
    const deviceIds = call.body.deviceIds.map((id) => id.toLowerCase());
    refuseStrangers(release, hold, deviceIds, await devicesOf(release, hold));
    const command = { kind: "exemptDevices", at: clock.now(), by: call.actor.name, holdId: hold.id } as const;
    return give(call, { ...command, deviceIds, justification: call.body.justification });
  },
});

export const holdsWithdrawExemption = route({
  name: "holdsWithdrawExemption",
  method: "DELETE",
  path: `${HOLD}/exempt/{deviceId}`,
  role: "Operator",
  act: "withdraw an exemption from a hold",
  ifMatch: true,
  answer: { status: 202, about: "The command; the release obeys it at once.", schema: commandSchema },
  run: async (call) => {
    const [release, hold] = await named(call);
    const deviceId = param(call, "deviceId").toLowerCase();
    if (!hold.exempt.includes(deviceId)) {
      const message = `Device ${deviceId} is not exempt from hold ${hold.id} of release ${release.id}.`;
      throw new AppError("not_found", message, { field: "deviceId" });
    }
    const command = { kind: "withdrawExemption", at: clock.now(), by: call.actor.name, holdId: hold.id } as const;
    return give(call, { ...command, deviceIds: [deviceId] });
  },
});

async function named(call: Call<unknown>): Promise<[Release, CohortHold]> {
  const release = await readRelease(param(call, "releaseId"));
  return [release, holdOf(release, param(call, "holdId"))];
}

/** Refuses at once what the hold does not allow. */
async function give(call: Call<unknown>, command: HoldCommand) {
  const release = await readRelease(param(call, "releaseId"));
  refuseUndecided(call, release);
  applyHoldCommand(release, command);
  return accept(call, release.id, command);
}

/** The devices that a hold in force keeps or that are exempt from it; of any other one, those of its cohort. */
async function devicesOf({ id }: Release, hold: CohortHold): Promise<DeviceRow[]> {
  const cohort = parseCohort(hold.cohort);
  const inForce = hold.enforced && hold.ended === null;
  const reasons = [holdReason(cohort), exemptReason(cohort)];
  const devices: DeviceRow[] = [];
  for await (const row of (await ledger()).rows(id)) {
    const concerned = inForce ? row.holds.some((one) => reasons.includes(one)) : matches(cohort, row.attributes);
    if (concerned) devices.push(row);
  }
  return devices;
}

function refuseStrangers({ id }: Release, hold: CohortHold, deviceIds: readonly string[], known: readonly DeviceRow[]) {
  const held = new Set(known.map(({ deviceId }) => deviceId));
  const place = deviceIds.findIndex((deviceId) => !held.has(deviceId));
  if (place < 0) return;
  const message = `deviceIds.${place}: hold ${hold.id} of release ${id} does not keep device ${deviceIds[place]}. GET /api/v1/releases/${id}/holds/${hold.id}/devices lists those that it keeps. Nothing was changed.`;
  throw new AppError("rule_violated", message, { field: `deviceIds.${place}`, details: { rule: "deviceInHold" } });
}
