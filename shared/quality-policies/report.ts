import { iso } from "../calendar/days.js";
import type { Graph } from "../graph/graph.js";
import { listManagedDevices } from "../graph/inventory.js";
import { listGroups } from "../groups/store.js";
import { hotpatchDevice, hotpatchEligibility } from "../hotpatch/eligibility.js";
import { refreshed, surroundings } from "../hotpatch/look.js";
import { vbsStates } from "../hotpatch/vbs.js";
import { toldAttributes } from "../readiness/device-attributes.js";
import { DeviceStatus } from "../registration/device.js";
import { listDevices } from "../registration/store.js";
import { publishedUpdates } from "./catalogue.js";
import { coverage } from "./coverage.js";
import { deviceTarget } from "./device-target.js";
import { ringOf } from "./releases.js";
import { reportRow } from "./report-row.js";
import { keepReport, keptAt, keptRows, type Report } from "./report-store.js";

/**
 * The report over the devices of the service and those that policies reach besides, made anew when the one that is kept
 * is older than four hours (autopatch.md §5.10). @param now ms
 */
export async function qualityPolicyReport(graph: Graph, now: number): Promise<Report> {
  const { at } = await refreshed(await keptAt(), now, async () => {
    const report = await makeReport(graph, now);
    await keepReport(report);
    return report;
  });
  return { at, rows: await keptRows(at) };
}

async function makeReport(graph: Graph, now: number): Promise<Report> {
  const [covered, updates, { cycle, licensed }] = [
    await coverage(graph, now),
    await publishedUpdates(graph, now),
    await surroundings(graph, now),
  ];
  const [groups, managed, vbs, told] = [
    await listGroups(),
    await listManagedDevices(graph),
    await vbsStates(),
    await toldAttributes(),
  ];
  const rows = (await listDevices()).flatMap((record) => {
    const policies = covered.of(record);
    if (policies.length === 0 && record.status !== DeviceStatus.registered) return [];
    const { deviceId, name } = record;
    const facts = managed.get(deviceId) ?? record.managed;
    const build = facts?.osVersion ?? null;
    const ring = ringOf(record, groups);
    const target = deviceTarget({ policies, ring: ring?.days ?? null, build }, updates, now);
    const known = { managed: facts, told: told.get(deviceId) ?? {}, vbs: vbs.get(deviceId)?.state ?? null, licensed };
    const hotpatch = hotpatchEligibility(hotpatchDevice(known, cycle));
    const device = { deviceId, name, groupId: ring?.group.id ?? null, ring: ring?.ring ?? null };
    return [reportRow({ ...device, build, target, hotpatch }, updates, now)];
  });
  return { at: iso(now), rows };
}
