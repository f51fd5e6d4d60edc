import { DAY_MS } from "../calendar/days.js";
import { clock } from "../clock.js";
import { graphClient } from "../graph/client.js";
import { type CloudPc, listCloudPcs } from "../graph/cloud-pcs.js";
import { type DirectoryDevice, findDevices, type GroupDevices, listGroupDevices } from "../graph/directory-groups.js";
import type { Graph } from "../graph/graph.js";
import { listManagedDevices } from "../graph/inventory.js";
import { GroupStatus, listGroups, type StoredGroup } from "../groups/store.js";
import { earlyReports, forgetEarlyReports } from "../readiness/early-reports.js";
import type { DeviceReport } from "../readiness/report.js";
import { isServed, tenantState } from "../tenant/state.js";
import { noteCheckIns } from "./check-ins.js";
import { type DeviceRecord, DeviceStatus } from "./device.js";
import { isFilled } from "./filled.js";
import { same } from "./same.js";
import { type Register, readRegister, writeDevices } from "./store.js";
import { type Place, type Sighting, survey } from "./survey.js";
import { noteSources } from "./watch.js";

export interface SurveyScope {
  readonly scope?: readonly string[] | undefined;
  readonly daily?: boolean | undefined;
}

export interface SurveyResult {
  /** Autopatch groups whose ring groups have to be looked at. */
  readonly groupIds: readonly string[];
  readonly devices: number;
  readonly registered: number;
  readonly notRegistered: number;
  /** Devices whose record changed, came or went. */
  readonly changed: number;
  /** Source groups that the directory does not have; their devices stay as they were. */
  readonly missing: readonly string[];
}

const NOTHING: SurveyResult = { groupIds: [], devices: 0, registered: 0, notRegistered: 0, changed: 0, missing: [] };

/**
 * Every so many days the daily survey also reads the source groups, whose changes the directory tells anyway, and a survey
 * of everything takes over when each device last synchronised and signed in; in between only with what else changes of
 * the device. They differ daily for everybody, and writing them would write the whole register. The checks always see
 * what Intune says now.
 */
const WHOLE_DAYS = 7;
const WHEN_SEEN: ReadonlySet<string> = new Set(["lastSyncAt", "lastSignInAt"]);

/**
 * Looks at everything, or at the sources of some Autopatch groups, and brings the register up to date: who is found, who
 * passes the checks and is ready, who is in which ring (autopatch.md §3.1, §3.7). Everybody is judged by what Intune knows
 * now, and by the reports that came before their device. Bulk reads only. May run again.
 * @param scope ids of the Autopatch groups; all active ones by default
 * @param daily looks at what no event tells of: Intune, Cloud PCs, and once a week the sources; leaves groups out of the
 * answer's `groupIds` whose rings are known to be filled
 */
export async function surveyDevices({ scope, daily = false }: SurveyScope = {}): Promise<SurveyResult> {
  const graph = graphClient();
  // Of a tenant that has left nothing is kept (autopatch.md §4.6).
  if (!isServed(await tenantState())) return NOTHING;
  const groups = (await listGroups()).filter((group) => group.status !== GroupStatus.deleting);
  const active = groups.filter(({ status }) => status === GroupStatus.active);
  const chosen = scope === undefined ? active : active.filter(({ id }) => scope.includes(id));
  const now = clock.now();
  const isWeekly = scope === undefined && Math.floor(now / DAY_MS) % WHOLE_DAYS === 0;
  const looked = daily && !isWeekly ? [] : chosen;
  const [register, sources] = await Promise.all([readRegister(), readSources(graph, looked)]);
  if (active.length === 0 && register.devices.length === 0) return NOTHING;
  const sighted = devicesOf(looked, sources);
  const cloudPcs = await listCloudPcs(graph);
  await addCloudPcs(graph, chosen, cloudPcs, sighted);
  const missing = [...sources].flatMap(([id, found]) => (found === undefined ? [id] : []));
  const reports = await earlyReports();
  const sighting: Sighting = {
    devices: sighted,
    unseen: unseenPlaces(groups, looked, new Set(missing)),
    managed: await listManagedDevices(graph),
    businessCloudPcs: new Set(cloudPcs.flatMap(({ deviceId, isBusiness }) => (isBusiness ? [deviceId] : []))),
    groups,
    reports,
    now,
  };
  const changed = await writeSurvey(register, survey(sighting, register.devices), isWeekly ? undefined : WHEN_SEEN);
  const devices = devicesNow(register, changed);
  await forgetEarlyReports(reports.values(), reported(reports, devices), now);
  await noteSources(active, looked, sources);
  if (scope === undefined) await noteCheckIns(devices.values(), sighting.managed, now);
  const groupIds = daily ? await unfilled(chosen, [...devices.values()], now) : chosen.map(({ id }) => id);
  return { ...counts(devices), changed: changed.size, groupIds, missing };
}

async function unfilled(groups: readonly StoredGroup[], devices: readonly DeviceRecord[], now: number) {
  const ids: string[] = [];
  for (const group of groups) {
    const own = devices.filter(({ groupId }) => groupId === group.id);
    if (!(await isFilled(group, own.sort(byId), now))) ids.push(group.id);
  }
  return ids;
}

function byId(a: DeviceRecord, b: DeviceRecord): number {
  return a.deviceId < b.deviceId ? -1 : 1;
}

type Sources = ReadonlyMap<string, GroupDevices | undefined>;

/** Every directory group that feeds these Autopatch groups, read once. */
async function readSources(graph: Graph, groups: readonly StoredGroup[]): Promise<Sources> {
  const ids = new Set(groups.flatMap((group) => placesOf(group).map(({ sourceId }) => sourceId)));
  const sources = new Map<string, GroupDevices | undefined>();
  for (const id of ids) sources.set(id, await listGroupDevices(graph, id));
  return sources;
}

/** The directory groups of an Autopatch group, and which place a device of theirs is found at. */
function placesOf({ id, definition }: StoredGroup): { readonly sourceId: string; readonly place: Place }[] {
  const assigned = definition.rings.flatMap(({ name, distribution: { assignedGroupId } }) =>
    assignedGroupId === undefined ? [] : [{ sourceId: assignedGroupId, place: { groupId: id, ring: name } }],
  );
  return [
    ...assigned,
    ...definition.dynamicGroupIds.map((sourceId) => ({ sourceId, place: { groupId: id, ring: null } })),
  ];
}

type Found = Map<string, { device: DirectoryDevice; places: Place[] }>;

function devicesOf(groups: readonly StoredGroup[], sources: Sources): Found {
  const devices: Found = new Map();
  for (const { sourceId, place } of groups.flatMap(placesOf)) {
    for (const device of sources.get(sourceId)?.devices ?? []) found(devices, device, place);
  }
  return devices;
}

function found(devices: Found, device: DirectoryDevice, place: Place): void {
  const known = devices.get(device.deviceId);
  if (known === undefined) devices.set(device.deviceId, { device, places: [place] });
  else known.places.push(place);
}

/** Cloud PCs of a provisioning policy that names an Autopatch group are in that group's pool (§3.6, row 37). */
async function addCloudPcs(
  graph: Graph,
  groups: readonly StoredGroup[],
  cloudPcs: readonly CloudPc[],
  devices: Found,
): Promise<void> {
  const groupOf = new Map(cloudPcs.map(({ deviceId, autopatchGroupId }) => [deviceId, autopatchGroupId]));
  const claimed = [...groupOf].filter(([, groupId]) => groups.some(({ id }) => id === groupId));
  const inDirectory = await findDevices(
    graph,
    claimed.map(([deviceId]) => deviceId),
  );
  for (const device of inDirectory.values()) {
    const groupId = groupOf.get(device.deviceId) ?? null;
    if (groupId !== null) found(devices, device, { groupId, ring: null });
  }
}

/** Places of groups that were not looked at, and of sources that are lost: their devices stay where they were. */
function unseenPlaces(
  groups: readonly StoredGroup[],
  looked: readonly StoredGroup[],
  missing: ReadonlySet<string>,
): (place: Place) => boolean {
  const lost = looked.flatMap(placesOf).filter(({ sourceId }) => missing.has(sourceId));
  const others = new Set(groups.filter((group) => !looked.includes(group)).map(({ id }) => id));
  return ({ groupId, ring }) =>
    others.has(groupId) || lost.some(({ place }) => place.groupId === groupId && place.ring === ring);
}

/**
 * Writes what the survey changed. A device that somebody else changed meanwhile keeps that change.
 * @param ignored names of facts that alone are not worth writing
 * @returns those devices as they are now, undefined for one that is gone
 */
async function writeSurvey(
  register: Register,
  after: ReadonlyMap<string, DeviceRecord | undefined>,
  ignored: ReadonlySet<string> | undefined,
): Promise<ReadonlyMap<string, DeviceRecord | undefined>> {
  const snapshot = new Map(register.devices.map((record) => [record.deviceId, record]));
  const news = [...after].filter(([id, record]) => !same(record, snapshot.get(id), ignored));
  const ids = news.map(([id]) => id);
  const write = (id: string, now: DeviceRecord | undefined) => (same(now, snapshot.get(id)) ? after.get(id) : now);
  const written = new Map((await writeDevices(ids, write, register)).map((record) => [record.deviceId, record]));
  return new Map(ids.map((id) => [id, written.get(id)]));
}

function devicesNow(
  register: Register,
  changed: ReadonlyMap<string, DeviceRecord | undefined>,
): ReadonlyMap<string, DeviceRecord> {
  const devices = new Map(register.devices.map((record) => [record.deviceId, record]));
  for (const [id, record] of changed) {
    if (record === undefined) devices.delete(id);
    else devices.set(id, record);
  }
  return devices;
}

/** Devices whose early report, or a newer one, the register has. */
function reported(
  reports: ReadonlyMap<string, DeviceReport>,
  devices: ReadonlyMap<string, DeviceRecord>,
): ReadonlySet<string> {
  const taken = [...reports.values()].filter(({ deviceId, at }) => at <= (devices.get(deviceId)?.readiness?.at ?? ""));
  return new Set(taken.map(({ deviceId }) => deviceId));
}

function counts(devices: ReadonlyMap<string, DeviceRecord>) {
  const registered = [...devices.values()].filter(({ status }) => status === DeviceStatus.registered).length;
  return { devices: devices.size, registered, notRegistered: devices.size - registered };
}
