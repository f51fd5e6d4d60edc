import type { ItemOf } from "../../functions/api/client.js";
import type { DevicePatch, DeviceRecord as TenantDevice } from "../../infra/local/tenant/types.js";
import { clientOf } from "./api.js";
import { membersOf } from "./directory.js";
import type { GraphReader } from "./graph.js";
import { numberedId, tenantDevice } from "./tenant-device.js";
import type { World } from "./world.js";

type Device = ItemOf<"devicesList">;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** New devices in Entra and Intune that pass every prerequisite check, changed as `patch` says; numbered from `first`. */
export function addDevices(world: World, first: number, count: number, patch: DevicePatch = {}): TenantDevice[] {
  const devices = Array.from({ length: count }, (_, n) => ({ ...newDevice(world, first + n), ...patch }));
  world.tenant.addDevices(devices);
  return devices;
}

function newDevice(world: World, nth: number): TenantDevice {
  return tenantDevice(nth, {
    // Another prefix than the fleet's, which is in the tenant already.
    deviceId: numberedId("de000000", nth),
    name: `NEW-${nth}`,
    model: "ThinkPad T14",
    manufacturer: "LENOVO",
    serialNumber: `NEW${nth}`,
    lastSyncDateTime: daysAgo(world, 0),
  });
}

/** An instant of so many days before now, as Intune writes it. */
export function daysAgo(world: World, days: number): string {
  return new Date(world.now() - days * DAY_MS).toISOString();
}

/** Makes an Autopatch group and waits until it is active and its devices are in their rings; returns its id. */
export async function autopatchGroup(world: World, definition: unknown): Promise<string> {
  const { body } = await clientOf(world).call("groupsPost", { body: { definition } });
  await pass(world, 5);
  return body.id;
}

/** Lets minutes of domain time pass, and what happens then come to rest. */
export async function pass(world: World, minutes: number): Promise<void> {
  await world.run(world.now() + minutes * MINUTE_MS);
  await world.settle();
}

/** Presses the button and waits for the end; returns what the status URL says then. */
export async function discover(world: World, groupId?: string) {
  const body = groupId === undefined ? {} : { groupId };
  const started = await clientOf(world).call("devicesDiscover", { body });
  await pass(world, 3);
  return (await clientOf(world).call("discoveriesGet", { path: { discoveryId: started.body.id } })).body;
}

/** The device as the API shows it. */
export async function deviceOf(world: World, deviceId: string): Promise<Device> {
  return (await clientOf(world).call("devicesGet", { path: { deviceId } })).body;
}

/** All devices that the API lists for a query such as `?group=sales`. */
export async function devicesOf(world: World, query: string): Promise<readonly Device[]> {
  return clientOf(world).all("devicesList", { query: Object.fromEntries(new URLSearchParams(query)) });
}

/** The Entra group of a ring. */
export async function ringGroup(world: World, groupId: string, ring: string): Promise<string> {
  const { bindings } = (await clientOf(world).call("groupsGet", { path: { groupId } })).body;
  return bindings[ring]?.entraGroupId ?? "";
}

/** Object ids in the Entra group of each ring, as the tenant shows them, by ring. */
export async function ringsInTenant(
  world: World,
  graph: GraphReader,
  groupId: string,
): Promise<Record<string, string[]>> {
  const { bindings } = (await clientOf(world).call("groupsGet", { path: { groupId } })).body;
  const rings: Record<string, string[]> = {};
  for (const [ring, { entraGroupId }] of Object.entries(bindings)) rings[ring] = await membersOf(graph, entraGroupId);
  return rings;
}

/** The rings whose Entra group has the device. */
export async function ringsWith(
  world: World,
  graph: GraphReader,
  groupId: string,
  objectId: string,
): Promise<string[]> {
  const rings = await ringsInTenant(world, graph, groupId);
  return Object.keys(rings).filter((ring) => rings[ring]?.includes(objectId));
}

/** Puts a device into a directory group, or takes it out, by hand. */
export async function addMember(graph: GraphReader, groupId: string, objectId: string): Promise<void> {
  const reference = `https://graph.microsoft.com/v1.0/directoryObjects/${objectId}`;
  await graph.patch(`v1.0/groups/${groupId}`, { "members@odata.bind": [reference] });
}

export async function removeMember(graph: GraphReader, groupId: string, objectId: string): Promise<void> {
  await graph.delete(`v1.0/groups/${groupId}/members/${objectId}/$ref`);
}
