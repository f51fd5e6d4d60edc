import { measuredRow, measuredRows } from "../feature-releases/measured.js";
import type { FeatureRelease } from "../feature-releases/release.js";
import { listFeatureReleases } from "../feature-releases/store.js";
import { type FeatureVersion, listFeatureVersions } from "../graph/feature-versions.js";
import type { Graph } from "../graph/graph.js";
import { listGroups, type StoredGroup } from "../groups/store.js";
import { toldAttributes, toldAttributesOf } from "../readiness/device-attributes.js";
import { type DeviceRecord, DeviceState } from "../registration/device.js";
import { listDevices } from "../registration/store.js";
import { findOptOut, listOptOuts } from "../safeguard-holds/opt-outs.js";
import { type Aim, aimIn, aimOf } from "./aims.js";
import { type JudgedDevice, judgeDevice } from "./judge.js";

/** Devices of Autopatch groups, and the Windows versions that there are. */
export interface MemberLook {
  /** In the order of their ids. */
  readonly members: readonly Member[];
  readonly catalogue: readonly FeatureVersion[];
}

export interface FeatureLook extends MemberLook {
  /** Members that something brings to a Windows version, judged. */
  readonly devices: readonly JudgedDevice[];
}

/** A device of an Autopatch group. */
export interface Member {
  readonly record: DeviceRecord;
  readonly group: StoredGroup;
}

/** All devices of Autopatch groups. */
export async function lookAtMembers(graph: Graph): Promise<MemberLook> {
  return { members: membersOf(await listDevices(), await listGroups()), catalogue: await listFeatureVersions(graph) };
}

/**
 * All devices with their feature updates, as they are now.
 * @param only of this release, also where it is canceled or devices have left it; default: what each is brought to now
 * @param now ms
 */
export async function lookAtFeatureDevices(graph: Graph, now: number, only?: FeatureRelease): Promise<FeatureLook> {
  const { members, catalogue } = await lookAtMembers(graph);
  const releases = await listFeatureReleases();
  const aimed = members.flatMap((member) => {
    const aim = aimFor(member, releases, only);
    return aim === undefined ? [] : [{ ...member, aim }];
  });
  const measured = new Set(aimed.flatMap(({ aim }) => aim.byRelease?.release.id ?? []));
  const [told, rows] = [await toldAttributes(), await measuredRows(measured)];
  const optedOut = new Set((await listOptOuts()).map(({ deviceId }) => deviceId));
  const devices = aimed.map(({ record, group, aim }) => {
    const row = aim.byRelease === null ? undefined : rows(aim.byRelease.release.id, record.deviceId);
    const known = { record, group, aim, catalogue, row, told: told.get(record.deviceId) ?? {} };
    return judgeDevice({ ...known, isOptedOut: optedOut.has(record.deviceId) }, now);
  });
  return { devices, members, catalogue };
}

/** One device with its feature update; undefined where nothing brings it to a version. @param now ms */
export async function lookAtFeatureDevice(
  graph: Graph,
  record: DeviceRecord,
  now: number,
): Promise<JudgedDevice | undefined> {
  const [member] = membersOf([record], await listGroups());
  const aim = member && aimFor(member, await listFeatureReleases());
  if (member === undefined || aim === undefined) return undefined;
  const { deviceId } = record;
  const row = aim.byRelease === null ? undefined : await measuredRow(aim.byRelease.release.id, deviceId);
  const known = { ...member, aim, row, told: await toldAttributesOf(deviceId) };
  const isOptedOut = (await findOptOut(deviceId)) !== undefined;
  return judgeDevice({ ...known, isOptedOut, catalogue: await listFeatureVersions(graph) }, now);
}

/**
 * Devices of Autopatch groups, those included that were found in one and may not be registered, such as those whose
 * Windows is out of support; excluded devices, and those that several groups claim, are nobody's.
 */
export function membersOf(records: readonly DeviceRecord[], groups: readonly StoredGroup[]): Member[] {
  return records.flatMap((record) => {
    if (record.state === DeviceState.excluded || record.state === DeviceState.conflict) return [];
    const groupId = record.groupId ?? record.found[0]?.groupId;
    const group = groups.find(({ id }) => id === groupId);
    return group === undefined ? [] : [{ record, group }];
  });
}

function aimFor(
  { record, group }: Member,
  releases: readonly FeatureRelease[],
  only?: FeatureRelease,
): Aim | undefined {
  const ring = record.ring ?? record.found.find(({ groupId }) => groupId === group.id)?.ring ?? null;
  if (only === undefined) return aimOf(group, ring, releases);
  return ring === null ? undefined : aimIn(only, { groupId: group.id, ring });
}
