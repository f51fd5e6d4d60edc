import { iso } from "../calendar/days.js";
import type { StoredGroup } from "../groups/store.js";
import type { PolicyAlert } from "./alerts.js";
import { AlertKind } from "./findings.js";
import { remedyFor } from "./repair.js";

/** What the column "Policy health" says (autopatch.md §10.2). */
const STATUS: Readonly<Record<AlertKind, string>> = {
  [AlertKind.missingPolicy]: "Missing Policy",
  [AlertKind.deadlineOutsideRange]: "Deadline outside range",
  [AlertKind.modifiedPolicy]: "Modified Policy",
  [AlertKind.missingAssignment]: "Missing Assignment",
  [AlertKind.changedAssignment]: "Changed Assignment",
  [AlertKind.missingGroup]: "Missing Group",
  [AlertKind.alteredGroup]: "Altered Group",
};
const HEALTHY = "Healthy";
/** What counts first when a ring has several alerts: what is missing before what is changed. */
const ORDER = Object.values(AlertKind).sort(
  (a, b) => Number(b.startsWith("missing")) - Number(a.startsWith("missing")),
);

/** The last word of the call that does it. */
const CALLS = { restore: "restore", submitChanges: "submit-changes" } as const;

/** An alert as the API shows it. */
export function alertView(alert: PolicyAlert) {
  const { openedAt, closed, ...rest } = alert;
  return {
    ...rest,
    title: STATUS[alert.kind],
    /** The call that repairs it; null once it is closed. */
    action: closed === null ? CALLS[remedyFor(alert)] : null,
    openedAt: iso(openedAt),
    closed: closed === null ? null : { ...closed, at: iso(closed.at) },
  };
}

/** Health of every ring of the groups and of their parents, and of the policies of all devices. */
export function healthView(groups: readonly StoredGroup[], alerts: readonly PolicyAlert[]) {
  const health = (mine: readonly PolicyAlert[]) => {
    const worst = ORDER.find((kind) => mine.some((alert) => alert.kind === kind));
    return { status: worst === undefined ? HEALTHY : STATUS[worst], alerts: mine.map(({ id }) => id) };
  };
  return {
    groups: groups.map(({ id, definition }) => ({
      groupId: id,
      name: definition.name,
      rings: definition.rings.map(({ name }) => ({
        name,
        ...health(alerts.filter(({ groupId, ring }) => groupId === id && ring === name)),
      })),
      /** The directory group in which those of the rings are nested. */
      parent: health(alerts.filter(({ groupId, ring }) => groupId === id && ring === null)),
    })),
    allDevices: health(alerts.filter(({ groupId }) => groupId === null)),
  };
}
