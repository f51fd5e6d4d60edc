import { z } from "zod";
import type { Graph } from "./graph.js";
import { bool, dateTime, guid, text } from "./lenient.js";
import { segment } from "./odata.js";
import { absentWhenMissing } from "./settle.js";

/** A device object of the directory, as a group lists it (autopatch.md §3.1). */
export interface DirectoryDevice {
  /** Id of the directory object, lower-cased. */
  readonly objectId: string;
  /** Entra deviceId, lower-cased. */
  readonly deviceId: string;
  readonly name: string | null;
  readonly operatingSystem: string | null;
  readonly accountEnabled: boolean;
  /** Whether any device management has it, Intune or another. */
  readonly isManaged: boolean;
  readonly registeredAt: string | null;
  readonly lastSignInAt: string | null;
}

export interface GroupDevices {
  readonly devices: readonly DirectoryDevice[];
  /** Groups that are members and were read too; changes of theirs change the devices. */
  readonly nested: readonly string[];
}

const v1 = { version: "v1.0" } as const;
const PROPERTIES =
  "id,deviceId,displayName,operatingSystem,accountEnabled,isManaged,registrationDateTime,approximateLastSignInDateTime";
const DEVICE = "#microsoft.graph.device";
const GROUP = "#microsoft.graph.group";
/** Largest page of directory objects (graph.md §3.1). */
const PAGE = 999;

const memberSchema = z.object({
  "@odata.type": text,
  id: guid,
  deviceId: guid,
  displayName: text,
  operatingSystem: text,
  accountEnabled: bool,
  isManaged: bool,
  registrationDateTime: dateTime,
  approximateLastSignInDateTime: dateTime,
});
type Member = z.infer<typeof memberSchema>;

/**
 * Devices of a directory group: its own and those of the groups directly in it. Deeper nesting and users are passed over
 * (autopatch.md §2.1, row 10). Undefined when there is no such group.
 */
export async function listGroupDevices(graph: Graph, groupId: string): Promise<GroupDevices | undefined> {
  const own = await absentWhenMissing(listMembers(graph, groupId));
  if (own === undefined) return undefined;
  const devices = new Map<string, DirectoryDevice>();
  const nested: string[] = [];
  for (const member of own) {
    keep(devices, member);
    if (member["@odata.type"] === GROUP && member.id !== null) nested.push(member.id);
  }
  for (const inner of nested) {
    for (const member of (await absentWhenMissing(listMembers(graph, inner))) ?? []) keep(devices, member);
  }
  return { devices: [...devices.values()], nested };
}

/** Object ids of the devices that are direct members of a group; undefined when there is no such group. */
export async function listDeviceMembers(graph: Graph, groupId: string): Promise<ReadonlySet<string> | undefined> {
  const found = await absentWhenMissing(
    graph.list(`/groups/${segment(groupId)}/members/microsoft.graph.device`, {
      ...v1,
      // A cast on a directory collection is an advanced query and needs both (graph.md §3.1).
      headers: { ConsistencyLevel: "eventual" },
      query: { $select: "id", $count: true, $top: PAGE },
      schema: z.object({ id: guid }),
    }),
  );
  return found && new Set(found.flatMap(({ id }) => (id === null ? [] : [id])));
}

/** The directory's devices with these Entra deviceIds, by deviceId; 15 to a call, as many as a filter may list. */
export async function findDevices(
  graph: Graph,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, DirectoryDevice>> {
  const found = new Map<string, DirectoryDevice>();
  for (let at = 0; at < deviceIds.length; at += 15) {
    const ids = deviceIds.slice(at, at + 15).map((id) => `'${id}'`);
    const query = { $filter: `deviceId in (${ids.join(",")})`, $select: PROPERTIES };
    for (const device of await graph.list("/devices", { ...v1, query, schema: memberSchema })) {
      keep(found, { ...device, "@odata.type": DEVICE });
    }
  }
  return found;
}

function listMembers(graph: Graph, groupId: string): Promise<Member[]> {
  const query = { $select: PROPERTIES, $top: PAGE };
  return graph.list(`/groups/${segment(groupId)}/members`, { ...v1, query, schema: memberSchema });
}

function keep(devices: Map<string, DirectoryDevice>, member: Member): void {
  const { id, deviceId } = member;
  if (member["@odata.type"] !== DEVICE || id === null || deviceId === null) return;
  devices.set(deviceId, {
    objectId: id,
    deviceId,
    name: member.displayName,
    operatingSystem: member.operatingSystem,
    accountEnabled: member.accountEnabled,
    isManaged: member.isManaged,
    registeredAt: member.registrationDateTime,
    lastSignInAt: member.approximateLastSignInDateTime,
  });
}
