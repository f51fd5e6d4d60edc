import { z } from "zod";
import { HOUR_MS } from "../calendar/days.js";
import { AppError } from "../errors.js";
import { PolicyKind } from "../graph/policies/types.js";
import { type Documents, documents } from "../store/documents.js";
import { timeKey } from "../store/table.js";
import { table } from "../store/tables.js";
import { AlertKind, type Finding } from "./findings.js";
import { remembered } from "./remembered.js";

/** How an alert came to its end. */
export const Closing = {
  /** The service put it right, on request or by itself. */
  repaired: "repaired",
  /** People put it right in the tenant. */
  byHand: "byHand",
  /** The service no longer keeps the policy or the group. */
  obsolete: "obsolete",
} as const;
export type Closing = (typeof Closing)[keyof typeof Closing];

export const alertSchema = z.object({
  id: z.string(),
  kind: z.enum(AlertKind),
  name: z.string(),
  policyKind: z.enum(PolicyKind).nullable(),
  groupId: z.string().nullable(),
  ring: z.string().nullable(),
  entraGroupId: z.string(),
  details: z.array(z.object({ setting: z.string(), expected: z.unknown(), found: z.unknown() })),
  /** ms, as are the other instants. */
  openedAt: z.number(),
  closed: z
    .object({
      at: z.number(),
      how: z.enum(Closing),
      /** Who asked for the repair; null when nobody did. */
      requestedBy: z.string().nullable(),
    })
    .nullable(),
});
/** One per policy or group; it stays open until what it says is no longer so (autopatch.md §10.2). */
export type PolicyAlert = z.infer<typeof alertSchema>;

const OPEN = "open";
const CLOSED = "closed";

export async function openAlerts(): Promise<PolicyAlert[]> {
  return alertsOf(OPEN);
}

/** How long a change by another instance may go unseen by `knownAlerts`, ms of domain time. */
const KNOWN_MS = 12 * HOUR_MS;
const known = remembered(openAlerts, KNOWN_MS);

/** The open alerts from memory, for a check that finds nothing to say about them. */
export function knownAlerts(now: number): Promise<readonly PolicyAlert[]> {
  return known.get(now);
}

/** Newest last. */
export async function closedAlerts(): Promise<PolicyAlert[]> {
  return alertsOf(CLOSED);
}

/** The open alert. Throws `not_found`. */
export async function readAlert(id: string): Promise<PolicyAlert> {
  const found = await findAlert(id);
  if (found !== undefined) return found;
  throw unknownAlert(id);
}

export function unknownAlert(id: string): AppError {
  const message = `There is no open policy alert ${id}. GET /api/v1/policy-alerts lists them.`;
  return new AppError("not_found", message, { field: "alertId" });
}

export async function findAlert(id: string): Promise<PolicyAlert | undefined> {
  return (await (await store()).get(OPEN, id))?.body;
}

export async function putAlert(alert: PolicyAlert): Promise<void> {
  await (await store()).put(OPEN, alert.id, alert);
  known.forget();
}

/** Closed alerts are kept by the time of their end; the same end twice is one. */
export async function closeAlert(alert: PolicyAlert, closed: NonNullable<PolicyAlert["closed"]>): Promise<void> {
  const alerts = await store();
  await alerts.put(CLOSED, `${timeKey(closed.at)} ${alert.id}`, { ...alert, closed });
  await alerts.delete(OPEN, alert.id);
  known.forget();
}

export interface AlertChanges {
  readonly opened: readonly PolicyAlert[];
  /** Still open, but something else is wrong now. */
  readonly changed: readonly PolicyAlert[];
  readonly ended: readonly { readonly alert: PolicyAlert; readonly how: Closing }[];
}

export interface Observed {
  readonly findings: readonly Finding[];
  /** Ids of everything that is expected in the tenant. */
  readonly expected: ReadonlySet<string>;
  /** Autopatch groups of which nothing can be said now. */
  readonly inChange: ReadonlySet<string>;
}

/** Brings the open alerts in line with what was found; what was open keeps the time at which it was opened. */
export function alertChanges(open: readonly PolicyAlert[], observed: Observed, now: number): AlertChanges {
  const known = new Map(open.map((alert) => [alert.id, alert]));
  const found = new Set(observed.findings.map(({ id }) => id));
  const alerts = observed.findings.map(
    (finding): PolicyAlert => ({
      ...finding,
      details: [...finding.details],
      openedAt: known.get(finding.id)?.openedAt ?? now,
      closed: null,
    }),
  );
  const silent = ({ groupId }: PolicyAlert) => groupId !== null && observed.inChange.has(groupId);
  return {
    opened: alerts.filter(({ id }) => !known.has(id)),
    changed: alerts.filter((alert) => {
      const before = known.get(alert.id);
      return before !== undefined && !isSame(before, alert);
    }),
    ended: open
      .filter((alert) => !found.has(alert.id) && !silent(alert))
      .map((alert) => ({ alert, how: howEnded(alert, observed) })),
  };
}

/** The service looks after directory groups by itself, every hour. */
function howEnded({ id, policyKind }: PolicyAlert, { expected }: Observed): Closing {
  if (!expected.has(id)) return Closing.obsolete;
  return policyKind === null ? Closing.repaired : Closing.byHand;
}

function isSame(before: PolicyAlert, after: PolicyAlert): boolean {
  const content = ({ kind, name, details, entraGroupId }: PolicyAlert) =>
    JSON.stringify([
      kind,
      name,
      details.map(({ setting, expected, found }) => [setting, expected, found ?? null]),
      entraGroupId,
    ]);
  return content(before) === content(after);
}

async function alertsOf(partition: string): Promise<PolicyAlert[]> {
  const found: PolicyAlert[] = [];
  for await (const { body } of (await store()).all(partition)) found.push(body);
  return found;
}

async function store(): Promise<Documents<PolicyAlert>> {
  return documents(await table("PolicyAlerts"), alertSchema);
}
