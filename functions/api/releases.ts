import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { ledger } from "../../shared/ledger/index.js";
import { LEDGER_STATES } from "../../shared/ledger/state.js";
import { decisionsOf } from "../../shared/releases/decisions.js";
import { listReleases, listRings, readRelease, readRing } from "../../shared/releases/store.js";
import { deviceView, releaseView, ringView } from "../../shared/releases/view.js";
import { json, param, route, validate } from "./route.js";
import { withinScope } from "./scope.js";

route({
  name: "releasesList",
  method: "GET",
  path: "releases",
  role: "Reader",
  act: "list releases",
  run: async ({ actor, query }) => {
    const releases = await withinScope(actor, await listReleases());
    const expand = query.get("expand") === "rings";
    return json({
      value: await Promise.all(releases.map((release) => (expand ? full(release.id) : releaseView(release)))),
    });
  },
});

route({
  name: "releasesGet",
  method: "GET",
  path: "releases/{releaseId}",
  role: "Reader",
  act: "read a release",
  run: async (call) => json(await full(param(call, "releaseId"))),
});

route({
  name: "releasesDecisions",
  method: "GET",
  path: "releases/{releaseId}/decisions",
  role: "Reader",
  act: "read the decisions about a release",
  run: async (call) => {
    const { id } = await readRelease(param(call, "releaseId"));
    const decisions = await decisionsOf(id);
    return json({ value: decisions.map((decision) => ({ ...decision, at: new Date(decision.at).toISOString() })) });
  },
});

const deviceQuery = z.object({ ring: z.string().optional(), state: z.enum(LEDGER_STATES).optional() });

route({
  name: "releasesDevices",
  method: "GET",
  path: "releases/{releaseId}/devices",
  role: "Reader",
  act: "list the devices of a release",
  run: async (call) => {
    const { id, state: release } = await readRelease(param(call, "releaseId"));
    const { ring, state } = validate(deviceQuery, Object.fromEntries(call.query));
    const rings = release.rings.map((view) => view.ring);
    if (ring !== undefined && !rings.includes(ring)) {
      const message = `Release ${id} has no ring ${ring}. It has ${rings.join(", ")}.`;
      throw new AppError("not_found", message, { field: "ring", details: { rings } });
    }
    const value = [];
    for await (const row of (await ledger()).rows(id)) {
      if ((ring === undefined || row.ring === ring) && (state === undefined || row.state === state)) value.push(row);
    }
    return json({ value });
  },
});

route({
  name: "releasesDevice",
  method: "GET",
  path: "releases/{releaseId}/devices/{deviceId}",
  role: "Reader",
  act: "read a device of a release",
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

async function full(releaseId: string) {
  const [release, rings, summary] = await Promise.all([
    readRelease(releaseId),
    listRings(releaseId),
    (await ledger()).summary(releaseId),
  ]);
  const now = clock.now();
  return {
    ...releaseView(release, summary),
    rings: rings.map((ring) => ringView(ring, summary.rings[ring.ring], now)),
  };
}
