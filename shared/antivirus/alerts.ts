import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { listGroups } from "../groups/store.js";
import { appDevices } from "../inventory/devices.js";
import { groupBy } from "../ledger/collections.js";
import { listDevices } from "../registration/store.js";
import { type Documents, documents } from "../store/documents.js";
import { timeKey } from "../store/table.js";
import { table } from "../store/tables.js";
import { Health } from "../workloads/eligibility.js";
import { antivirusEligibility } from "./eligibility.js";
import { definitionsOf, Freshness } from "./freshness.js";

/** Why an alert is over. */
export const AlertEnd = { fresh: "fresh", withdrawn: "withdrawn" } as const;

/** Fields of an alert as it is kept and as the API shows it. @param at schema of an instant */
export function alertShape<T extends z.ZodType>(at: T) {
  return {
    groupId: z.string(),
    groupName: z.string(),
    openedAt: at,
    lookedAt: at,
    stale: z.int().describe("Devices with stale definitions."),
    known: z.int().describe("Healthy devices: those that check in and tell of their definitions."),
    staleAfterDays: z.int(),
    deviceIds: z.array(z.string()).describe("Some of the stale devices, at most 100."),
    closed: z.object({ at, because: z.enum(AlertEnd) }).nullable(),
  };
}
const alertSchema = z.object(alertShape(z.number()));
/** Devices of a group whose antivirus definitions are stale; one for each group, open until all are fresh. Instants: ms. */
export type AntivirusAlert = z.infer<typeof alertSchema>;

const MOST_NAMED = 100;
const OPEN = "open";
const CLOSED = "closed";

/**
 * The daily look at the age of antivirus definitions: opens, updates and closes the alerts of groups. Devices that are
 * away are no reason for one: nothing brings them definitions until they are back. May run again.
 * @param now ms
 * @returns the alerts that were opened, updated or closed
 */
export async function lookAtDefinitions(now: number, staleDays: number): Promise<AntivirusAlert[]> {
  const open = new Map((await openAntivirusAlerts()).map((alert) => [alert.groupId, alert]));
  const groups = await listGroups();
  const byGroup = groupBy(await appDevices(await listDevices(), now), ({ groupId }) => groupId);
  const followed: AntivirusAlert[] = [];
  for (const { id: groupId, definition } of groups) {
    const healthy = (byGroup.get(groupId) ?? []).filter(
      (device) => antivirusEligibility(device).label === Health.healthy,
    );
    const stale = healthy.filter(
      ({ inventory }) => definitionsOf(inventory, now, staleDays).freshness === Freshness.stale,
    );
    const before = open.get(groupId);
    open.delete(groupId);
    if (stale.length === 0 && before === undefined) continue;
    followed.push({
      ...{ groupId, groupName: definition.name, openedAt: before?.openedAt ?? now, lookedAt: now },
      ...{ stale: stale.length, staleAfterDays: staleDays },
      known: healthy.length,
      deviceIds: stale.slice(0, MOST_NAMED).map(({ deviceId }) => deviceId),
      closed: stale.length === 0 ? { at: now, because: AlertEnd.fresh } : null,
    });
  }
  // What is left is about groups that are gone.
  for (const alert of open.values()) followed.push({ ...alert, closed: { at: now, because: AlertEnd.withdrawn } });
  for (const alert of followed) await note(alert, now);
  return followed;
}

/** In the order of their groups. What was closed and never moved is. */
export async function openAntivirusAlerts(): Promise<AntivirusAlert[]> {
  const found = await alertsOf(OPEN);
  for (const alert of found) if (alert.closed !== null) await putAlert(alert);
  return found.filter(({ closed }) => closed === null);
}

/** In the order of their ends. */
export function closedAntivirusAlerts(): Promise<AntivirusAlert[]> {
  return alertsOf(CLOSED);
}

/** The audit log first: what is repeated is found again by its key. */
async function note(alert: AntivirusAlert, at: number): Promise<void> {
  const { groupId, groupName, stale, known, staleAfterDays, closed, openedAt } = alert;
  const act = closed !== null ? "close" : openedAt === at ? "open" : "update";
  const because = closed === null ? {} : { because: closed.because };
  const evidence = { groupName, stale, known, staleAfterDays, openedAt, ...because };
  const action = `antivirusAlert.${act}`;
  await audit({ at, actor: SERVICE, action, target: `antivirus-alert/${groupId}`, key: groupId, evidence });
  await putAlert(alert);
}

async function putAlert(alert: AntivirusAlert): Promise<void> {
  const alerts = await store();
  const { groupId, closed } = alert;
  // Also one that is closed: should this end before it is moved, it must not be closed once more.
  await alerts.put(OPEN, groupId, alert);
  if (closed === null) return;
  await alerts.put(CLOSED, `${timeKey(closed.at)} ${groupId}`, alert);
  await alerts.delete(OPEN, groupId);
}

async function alertsOf(partition: string): Promise<AntivirusAlert[]> {
  const found: AntivirusAlert[] = [];
  for await (const { body } of (await store()).all(partition)) found.push(body);
  return found;
}

async function store(): Promise<Documents<AntivirusAlert>> {
  return documents(await table("AntivirusAlerts"), alertSchema);
}
