import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { type DeviceRow, ledger, type ReleaseSummary } from "../../shared/ledger/index.js";
import { LedgerState } from "../../shared/ledger/state.js";
import { decisionsOf } from "../../shared/releases/decisions.js";
import { listReleases, listRings, type Release, readRelease, readRing } from "../../shared/releases/store.js";
import { deviceView, releaseView, ringView } from "../../shared/releases/view.js";
import {
  decisionSchema,
  deviceRowSchema,
  deviceSchema,
  fullReleaseSchema,
  releaseSchema,
  ringSchema,
} from "../../shared/releases/view-schema.js";
import { listOf, paged, pageFrom, pageOf } from "./paging.js";
import { decidedOn } from "./release-commands.js";
import { json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

const releasesQuery = z.object({
  group: z.string().optional().describe("Those of this Autopatch group, by its id."),
  expand: z.enum(["rings"]).optional().describe("With their rings."),
});
const listedSchema = releaseSchema.extend({ rings: z.array(ringSchema).optional() }).meta({ id: "ListedRelease" });

export const releasesList = route({
  name: "releasesList",
  method: "GET",
  path: "releases",
  role: "Reader",
  act: "list releases",
  query: releasesQuery,
  page: true,
  answer: { about: "Releases, the oldest first.", schema: pageOf(listedSchema) },
  run: async (call) => {
    const { group, expand } = call.asked;
    const releases = await withinScope(call.actor, await listReleases());
    const wanted = releases.filter(({ groupId }) => group === undefined || groupId === group);
    const { value, ...link } = paged(call, wanted, ({ id }) => id);
    const shown = value.map(async (release) => (expand === "rings" ? full(release) : releaseView(release)));
    return json({ value: await Promise.all(shown), ...link });
  },
});

export const releasesGet = route({
  name: "releasesGet",
  method: "GET",
  path: "releases/{releaseId}",
  role: "Reader",
  act: "read a release",
  answer: { about: "The release with its rings.", schema: fullReleaseSchema, etag: true },
  run: async (call) => {
    const release = await readRelease(param(call, "releaseId"));
    return decidedOn(json(await full(release)), release);
  },
});

export const releasesDecisions = route({
  name: "releasesDecisions",
  method: "GET",
  path: "releases/{releaseId}/decisions",
  role: "Reader",
  act: "read the decisions about a release",
  page: true,
  answer: { about: "Decisions about the release, the oldest first.", schema: pageOf(decisionSchema) },
  run: async (call) => {
    const { id } = await readRelease(param(call, "releaseId"));
    const decisions = await decisionsOf(id);
    const shown = decisions.map((decision, place) => ({ place, ...decision, at: new Date(decision.at).toISOString() }));
    const { value, ...link } = paged(call, shown, ({ place }) => String(place).padStart(9, "0"));
    return json({ value: value.map(({ place: _place, ...decision }) => decision), ...link });
  },
});

const deviceQuery = z.object({
  ring: z.string().optional().describe("Those of this ring."),
  state: z.enum(LedgerState).optional().describe("Those that are counted so."),
});

export const releasesDevices = route({
  name: "releasesDevices",
  method: "GET",
  path: "releases/{releaseId}/devices",
  role: "Reader",
  act: "list the devices of a release",
  query: deviceQuery,
  page: true,
  answer: { about: "Devices of the release in the order of the ledger.", schema: pageOf(deviceRowSchema) },
  run: async (call) => {
    const { id, state: release } = await readRelease(param(call, "releaseId"));
    const { ring, state } = call.asked;
    const rings = release.rings.map((view) => view.ring);
    if (ring !== undefined && !rings.includes(ring)) {
      const message = `Release ${id} has no ring ${ring}. It has ${rings.join(", ")}.`;
      throw new AppError("not_found", message, { field: "ring", details: { rings } });
    }
    const wanted = (row: DeviceRow) =>
      (ring === undefined || row.ring === ring) && (state === undefined || row.state === state);
    const rows = (await ledger()).rows(id, call.page.after === "" ? undefined : call.page.after);
    return json(await pageFrom(call, rows, wanted, ({ deviceId }) => deviceId));
  },
});

export const releasesDevice = route({
  name: "releasesDevice",
  method: "GET",
  path: "releases/{releaseId}/devices/{deviceId}",
  role: "Reader",
  act: "read a device of a release",
  answer: { about: "The device as the ledger knows it.", schema: deviceSchema, etag: true },
  run: async (call) => {
    const { id } = await readRelease(param(call, "releaseId"));
    const deviceId = param(call, "deviceId");
    const row = await (await ledger()).device(id, deviceId);
    if (row === undefined) {
      const message = `Release ${id} has no device ${deviceId}. GET /api/v1/releases/${id}/devices lists them.`;
      throw new AppError("not_found", message, { field: "deviceId" });
    }
    const { state } = await readRing(id, row.ring);
    return json(deviceView(row, state.plan));
  },
});

async function full(release: Release) {
  const summary = await (await ledger()).summary(release.id);
  return { ...releaseView(release, summary), rings: await ringsOf(release, summary) };
}

async function ringsOf({ id }: Release, summary: ReleaseSummary) {
  const now = clock.now();
  return (await listRings(id)).map((ring) => ringView(ring, summary.rings[ring.ring], now));
}

export const releasesRings = route({
  name: "releasesRings",
  method: "GET",
  path: "releases/{releaseId}/rings",
  role: "Reader",
  act: "list the rings of a release",
  answer: { about: "The rings in their order.", schema: listOf(ringSchema) },
  run: async (call) => {
    const release = await readRelease(param(call, "releaseId"));
    return json({ value: await ringsOf(release, await (await ledger()).summary(release.id)) });
  },
});

export const releasesRing = route({
  name: "releasesRing",
  method: "GET",
  path: "releases/{releaseId}/rings/{ring}",
  role: "Reader",
  act: "read a ring of a release",
  answer: { about: "The ring.", schema: ringSchema, etag: true },
  run: async (call) => {
    const release = await readRelease(param(call, "releaseId"));
    const ring = await readRing(release.id, param(call, "ring"));
    const summary = await (await ledger()).summary(release.id);
    return decidedOn(json(ringView(ring, summary.rings[ring.ring], clock.now())), release);
  },
});
