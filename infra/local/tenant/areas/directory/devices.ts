import type { DeviceRow } from "../../directory/directory.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { type GraphRequest, type GraphResponse, noContent, type Route } from "../../graph/types.js";
import { answerCount, answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { checkAdvanced, checkCount } from "./advanced.js";
import { deviceJson, groupJson } from "./project.js";

const service = Service.directory;
const shape = { project: deviceJson, context: "devices" } as const;

/** Devices of the directory, and the groups they are in. */
export function deviceRoutes(world: World): Route[] {
  const base = { service, needs: needs.readDevices } as const;
  const both = { service, needs: needs.readGroupDevices } as const;
  const rows = () => world.directory.devices.visibleAll();
  return [
    { ...base, method: "GET", path: "/devices", handle: (request) => list(request, rows()) },
    { ...base, method: "GET", path: "/devices/$count", handle: (request) => countDevices(request, rows()) },
    {
      ...base,
      method: "GET",
      path: "/devices(deviceId)",
      handle: (request) => answerItem(request, byDeviceId(world, request), shape),
    },
    {
      ...base,
      method: "GET",
      path: "/devices/{id}",
      handle: (request) => answerItem(request, deviceOf(world, request), shape),
    },
    {
      ...base,
      method: "DELETE",
      path: "/devices/{id}",
      needs: needs.deleteDevices,
      handle: (request) => remove(world, request),
    },
    {
      ...both,
      method: "GET",
      path: "/devices/{id}/transitiveMemberOf/microsoft.graph.group",
      handle: (request) => groupsOf(world, request),
    },
    {
      ...both,
      method: "GET",
      path: "/devices/{id}/memberOf/microsoft.graph.group",
      handle: (request) => groupsOf(world, request),
    },
  ];
}

function list(request: GraphRequest, rows: readonly DeviceRow[]): GraphResponse {
  checkAdvanced(request);
  return answerList(request, { rows, ...shape });
}

function countDevices(request: GraphRequest, rows: readonly DeviceRow[]): GraphResponse {
  checkCount(request);
  return answerCount(request, { rows, ...shape });
}

function deviceOf(world: World, request: GraphRequest): DeviceRow {
  const device = world.directory.devices.visible(request.params.id ?? "");
  if (device === undefined) throw notFound(service, request.params.id ?? "");
  return device;
}

function byDeviceId(world: World, request: GraphRequest): DeviceRow {
  const device = world.directory.byDeviceId(request.params.deviceId ?? "");
  if (device === undefined) throw notFound(service, request.params.deviceId ?? "");
  return device;
}

function remove(world: World, request: GraphRequest): GraphResponse {
  world.directory.removeDevice(deviceOf(world, request));
  return noContent();
}

/** Direct groups only for `memberOf`; through nesting for `transitiveMemberOf`. */
function groupsOf(world: World, request: GraphRequest): GraphResponse {
  checkAdvanced(request, { cast: true });
  const { id } = deviceOf(world, request);
  const deep = /transitiveMemberOf/i.test(request.path);
  const members = (group: string): boolean =>
    deep ? world.directory.transitiveMembers(group).includes(id) : world.directory.membersOf(group).has(id);
  const rows = world.directory.groups.visibleAll().filter((group) => members(group.id));
  return answerList(request, { rows, project: groupJson, context: "groups" });
}
