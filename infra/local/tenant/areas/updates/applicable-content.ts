import type { DeviceRow } from "../../directory/directory.js";
import { driversFor } from "../../drivers/inventory.js";
import { Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, Route } from "../../graph/types.js";
import { answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { visible } from "../rows.js";
import { isEnrolled, reachedBy } from "./audience-devices.js";
import type { AudienceRow } from "./audiences.js";
import { driverJson } from "./content.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/deploymentAudiences/{id}/applicableContent";

/** Drivers that the enrolled devices of an audience need, and which of them (graph.md §1.4). */
export function applicableContentRoutes(world: World): Route[] {
  const base = { service, needs: needs.windowsUpdates, only: "beta", method: "GET" } as const;
  const audiences = world.store.table<AudienceRow>("audiences");
  const drivers = (request: GraphRequest) =>
    driversFor(world, devicesOf(world, visible(audiences, service, request.params.id)));
  const matched = (deviceId: string) => ({ deviceId, recommendedBy: ["microsoft"] });
  return [
    {
      ...base,
      path: PATH,
      handle: (request) =>
        answerList(request, {
          rows: drivers(request),
          project: ({ entry }) => ({ catalogEntryId: entry.id }),
          expand: {
            catalogEntry: ({ entry }) => ({ catalogEntry: driverJson(entry) }),
            matchedDevices: ({ entry }) => ({
              matchedDevices: [],
              "matchedDevices@odata.nextLink": `${request.root}${PATH.replace("{id}", String(request.params.id))}/${entry.id}/matchedDevices`,
            }),
          },
          context: "applicableContent",
        }),
    },
    {
      ...base,
      path: `${PATH}/{child}/matchedDevices`,
      handle: (request) =>
        answerList(request, {
          rows: drivers(request).find(({ entry }) => entry.id === request.params.child)?.deviceIds ?? [],
          project: matched,
          context: "matchedDevices",
        }),
    },
  ];
}

function devicesOf(world: World, row: AudienceRow): DeviceRow[] {
  const enrolled = reachedBy(world, row).filter((asset) => isEnrolled(asset, "driver"));
  return enrolled.flatMap(({ id }) => world.directory.byDeviceId(id) ?? []);
}
