import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { lookAtFeatureDevices } from "../../shared/feature-devices/look.js";
import { graphClient } from "../../shared/graph/client.js";
import { listSafeguardHolds } from "../../shared/graph/known-issues.js";
import { listDevices } from "../../shared/registration/store.js";
import { chosenDevices, optOutForm } from "../../shared/safeguard-holds/choose.js";
import {
  expectApplying,
  findOptOut,
  keepOptOut,
  listOptOuts,
  type OptOut,
  optOutSchema,
  removeOptOut,
} from "../../shared/safeguard-holds/opt-outs.js";
import { safeguardReport, safeguardReportSchema } from "../../shared/safeguard-holds/report.js";
import { parseBuild } from "../../shared/updates/build.js";
import { startOnce } from "../../workflows/client.js";
import { SAFEGUARD_OPT_OUTS } from "../../workflows/names.js";
import { listOf, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

const OPT_OUTS = "safeguard-holds/opt-outs";

export const safeguardHoldsList = route({
  name: "safeguardHoldsList",
  method: "GET",
  path: "safeguard-holds",
  role: "Reader",
  act: "list safeguard holds",
  answer: { about: "Holds of known issues, with the devices that each keeps.", schema: safeguardReportSchema },
  run: async ({ actor }) => {
    const [graph, now] = [graphClient(), clock.now()];
    const { devices } = await lookAtFeatureDevices(graph, now);
    const seen = await withinScope(
      actor,
      devices.map((device) => ({ device, groupId: device.group.id })),
    );
    const mine = seen.map(({ device }) => device);
    return json(safeguardReport(await listSafeguardHolds(graph), mine));
  },
});

export const safeguardOptOutsList = route({
  name: "safeguardOptOutsList",
  method: "GET",
  path: OPT_OUTS,
  role: "Reader",
  act: "list opt-outs of safeguard holds",
  page: true,
  answer: { about: "Devices for which safeguards are switched off.", schema: pageOf(optOutSchema) },
  run: async (call) => {
    const visible = await withinScope(call.actor, await listOptOuts());
    return json(paged(call, visible, ({ deviceId }) => deviceId));
  },
});

export const safeguardOptOutsPost = route({
  name: "safeguardOptOutsPost",
  method: "POST",
  path: OPT_OUTS,
  role: "Administrator",
  act: "opt devices out of safeguard holds",
  body: optOutForm,
  answer: {
    status: 202,
    about: "The opt-outs; each ends by itself once its device has taken a feature update.",
    schema: listOf(optOutSchema),
  },
  run: async (call) => {
    const { actor, body } = call;
    const { justification } = body;
    const chosen = chosenDevices(body, await withinScope(actor, await listDevices()));
    const optOuts = chosen.map(({ deviceId, objectId, groupId, ring, managed }): OptOut => {
      const by = { id: actor.id, name: actor.name };
      const fromBuild = parseBuild(managed?.osVersion ?? "")?.major ?? null;
      return { deviceId, objectId, groupId, ring, fromBuild, since: clock.iso(), by, justification };
    });
    const evidence = { deviceIds: optOuts.map(({ deviceId }) => deviceId), ring: body.ring ?? null };
    await note(call, "optOut", "safeguard-holds", { justification, evidence });
    await expectApplying(clock.iso());
    const value = [];
    for (const optOut of optOuts) value.push(await keepOptOut(optOut));
    await carryOut(call);
    return json({ value }, 202);
  },
});

export const safeguardOptOutsDelete = route({
  name: "safeguardOptOutsDelete",
  method: "DELETE",
  path: `${OPT_OUTS}/{deviceId}`,
  role: "Administrator",
  act: "honour safeguard holds again",
  answer: { status: 204, about: "Safeguards hold for the device again." },
  run: async (call) => {
    const deviceId = param(call, "deviceId").toLowerCase();
    const before = await findOptOut(deviceId);
    if (before === undefined) {
      const message = `Device ${deviceId} is not opted out of safeguard holds. GET /api/v1/${OPT_OUTS} lists those that are.`;
      throw new AppError("not_found", message, { field: "deviceId" });
    }
    await note(call, "optIn", `device/${deviceId}`, { evidence: { before: before.body } });
    await expectApplying(clock.iso());
    await removeOptOut(deviceId);
    await carryOut(call);
    return { status: 204 };
  },
});

/** Decisions are kept: where their way to the tenant cannot be begun, the daily look goes it. */
async function carryOut({ client, newId, context }: Call<unknown>): Promise<void> {
  const instance = `safeguard-opt-outs:${newId()}`;
  await startOnce(client, SAFEGUARD_OPT_OUTS, instance, { daily: false }).catch((error: unknown) =>
    context.warn(error),
  );
}

interface Noted {
  readonly justification?: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

async function note({ actor }: Call<unknown>, act: string, target: string, noted: Noted): Promise<void> {
  const entry = { at: clock.now(), actor, action: `safeguard.${act}`, target, ...noted };
  await audit({ ...entry, key: `${target} ${crypto.randomUUID()}` });
}
