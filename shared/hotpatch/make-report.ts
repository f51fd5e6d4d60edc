import { iso } from "../calendar/days.js";
import type { Graph } from "../graph/graph.js";
import { listManagedDevices } from "../graph/inventory.js";
import { listGroups } from "../groups/store.js";
import { ledger } from "../ledger/index.js";
import { appliedPolicies } from "../quality-policies/applied.js";
import { toldAttributes } from "../readiness/device-attributes.js";
import { listDevices } from "../registration/store.js";
import { isPaused } from "../releases/pauses.js";
import { RingPhase } from "../releases/ring-state.js";
import { listQualityReleases, listRings, type ReleaseRing } from "../releases/store.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { Cycle } from "./cycle.js";
import { hotpatchDevice, hotpatchEligibility } from "./eligibility.js";
import { refreshed, surroundings } from "./look.js";
import { QualityPolicies } from "./policy.js";
import { type ProgressOf, type ReportDevice, reportRows } from "./report.js";
import { type HotpatchReport, reportSchema } from "./report-schema.js";
import { vbsStates } from "./vbs.js";

const [PARTITION, ID] = ["report", "latest"];

/**
 * The hotpatch report over all devices of the register, made anew when the one that is kept is older than four hours
 * (autopatch.md §9.1). @param now ms
 */
export async function hotpatchReport(graph: Graph, now: number): Promise<HotpatchReport> {
  const reports = await store();
  return refreshed((await reports.get(PARTITION, ID))?.body, now, async () => {
    const report = await makeReport(graph, now);
    await reports.put(PARTITION, ID, report);
    return report;
  });
}

async function makeReport(graph: Graph, now: number): Promise<HotpatchReport> {
  const { cycle, licensed } = await surroundings(graph, now);
  const policies = new QualityPolicies(await listGroups(), await appliedPolicies(graph, now));
  const [managed, vbs, told] = [await listManagedDevices(graph), await vbsStates(), await toldAttributes()];
  const devices = (await listDevices()).map((record): ReportDevice => {
    const facts = managed.get(record.deviceId) ?? record.managed;
    const [{ deviceId }, build] = [record, facts?.osVersion ?? null];
    const known = { managed: facts, told: told.get(deviceId) ?? {}, vbs: vbs.get(deviceId)?.state ?? null, licensed };
    const eligibility = hotpatchEligibility(hotpatchDevice(known, cycle));
    return { record, policy: policies.of(record, build), build, eligibility };
  });
  const { month, kind, baselineMonth } = cycle;
  const value = reportRows(policies.all(), devices, cycle, await progress(cycle, now));
  return { at: iso(now), month, kind, baselineMonth, value };
}

interface ReleaseProgress {
  readonly rings: ReadonlyMap<string, ReleaseRing>;
  /** Devices whose last attempt failed or was rolled back. */
  readonly failed: ReadonlySet<string>;
}

/** What the releases of the latest updates say of devices. */
async function progress({ latest }: Cycle, now: number): Promise<ProgressOf> {
  const updates = new Set([...latest.values()].map(({ catalogEntryId }) => catalogEntryId));
  const releases = new Map<string, ReleaseProgress>();
  const books = await ledger();
  for (const { id, groupId, update } of await listQualityReleases()) {
    if (!updates.has(update.catalogEntryId)) continue;
    const rings = new Map((await listRings(id)).map((ring) => [ring.ring, ring]));
    const failed = new Set<string>();
    // A release that has only just begun has no devices in the ledger, as has one that ended long ago.
    if (await books.knows(id)) for await (const { deviceId } of books.failures(id)) failed.add(deviceId);
    releases.set(`${groupId} ${update.catalogEntryId}`, { rings, failed });
  }
  return ({ record, policy }, { catalogEntryId }) => {
    const release = policy === null ? undefined : releases.get(`${policy.groupId} ${catalogEntryId}`);
    const state = release?.rings.get(policy?.ring ?? "")?.state;
    if (state === undefined) return undefined;
    const open = state.phase !== RingPhase.ended;
    return {
      paused: open && isPaused(state.pauses, now),
      running: open && (state.plan.sloAt === null || now <= state.plan.sloAt),
      failed: release?.failed.has(record.deviceId) ?? false,
    };
  };
}

async function store(): Promise<Documents<HotpatchReport>> {
  return documents(await table("Hotpatch"), reportSchema);
}
