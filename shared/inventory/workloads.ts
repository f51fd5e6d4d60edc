import { AppError } from "../errors.js";

/** Workloads that the daily inventory follows. */
export const AppWorkload = {
  microsoft365Apps: "microsoft365Apps",
  edge: "edge",
  teams: "teams",
  antivirus: "antivirus",
} as const;
export type AppWorkload = (typeof AppWorkload)[keyof typeof AppWorkload];

/** Those that a group may allow or block. */
export const SWITCHED = [AppWorkload.microsoft365Apps, AppWorkload.edge] as const;
export type SwitchedWorkload = (typeof SWITCHED)[number];

/** What may be asked of a ring. */
export const HoldAct = { pause: "pause", resume: "resume", rollBack: "rollBack" } as const;
export type HoldAct = (typeof HoldAct)[keyof typeof HoldAct];

type Unheld = Exclude<AppWorkload, "microsoft365Apps">;
const UNHELD: Readonly<Record<Unheld, { readonly rule: string; readonly why: string; readonly instead: string }>> = {
  edge: {
    rule: "edgeIsNotHeld",
    why: "Edge has no pause and no rollback: it follows the progressive rollout of its channel",
    instead: "Block Edge for the group, or choose the Extended Stable channel",
  },
  teams: {
    rule: "teamsIsNotHeld",
    why: "Microsoft Teams has no rings, no pause and no rollback: it updates by itself on its standard channel",
    instead: "Nothing has to be done for its updates",
  },
  antivirus: {
    rule: "antivirusIsNotHeld",
    why: "Antivirus definitions have no rings, no pause and no rollback: they come with each scan",
    instead: "Nothing has to be done for them while they are fresh",
  },
};

/** Refuses what only Microsoft 365 Apps have (autopatch.md §8.1, §8.2). @throws AppError `rule_violated` */
export function refuseUnheld(workload: AppWorkload): void {
  if (workload === AppWorkload.microsoft365Apps) return;
  const { rule, why, instead } = UNHELD[workload];
  const message = `${why}. ${instead}. Nothing was changed.`;
  throw new AppError("rule_violated", message, { field: "workload", details: { rule, workload } });
}

/** Refuses a switch where there is none. @throws AppError `rule_violated` */
export function switchedWorkload(workload: AppWorkload): SwitchedWorkload {
  const found = SWITCHED.find((each) => each === workload);
  if (found !== undefined) return found;
  const message = `Only ${SWITCHED.join(" and ")} can be allowed or blocked; ${workload} updates by itself on every device. Nothing was changed.`;
  throw new AppError("rule_violated", message, { field: "workload", details: { rule: "noSwitch", workload } });
}
