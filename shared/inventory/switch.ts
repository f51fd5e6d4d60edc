import { z } from "zod";
import { HOUR_MS, iso } from "../calendar/days.js";
import { AppError } from "../errors.js";
import type { StoredGroup } from "../groups/store.js";
import { findBaseline } from "../policies/baseline.js";
import { instant } from "../schema.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { SWITCHED, type SwitchedWorkload } from "./workloads.js";

/** How far a change of the switch has come (autopatch.md §8.1). */
export const SwitchState = { inProcess: "inProcess", updated: "updated", failed: "failed" } as const;
export type SwitchState = (typeof SwitchState)[keyof typeof SwitchState];

/** A change is in the tenant within minutes. */
const OVERDUE_MS = HOUR_MS;

/** What people are told of each. */
const MESSAGES: Readonly<Record<SwitchState, string>> = {
  inProcess: "Update in process. This setting will be unavailable until the update is complete.",
  updated: "This setting is updated.",
  failed: "This setting couldn't be updated. Please try again or submit a support request.",
};

/** The last change by the switch. */
const changeSchema = z.object({
  allowed: z.boolean(),
  /** ms */
  at: z.number(),
  by: z.string(),
  /** What kept it from the tenant since; null: nothing. */
  problem: z.string().nullable(),
});

export const switchSchema = z.object({
  allowed: z.boolean().describe("Whether the service manages the workload in the group; blocked by default."),
  /** Null where nobody has ever used the switch. */
  change: z
    .object({
      state: z.enum(SwitchState),
      message: z.string(),
      at: instant,
      by: z.string(),
      problem: z.string().nullable(),
    })
    .nullable(),
});
export type Switch = z.infer<typeof switchSchema>;

/** The Allow/Block switch of a workload in a group, with what has become of its last change. */
export async function switchOf({ id, definition }: StoredGroup, workload: SwitchedWorkload): Promise<Switch> {
  const allowed = definition.updateTypes[workload];
  const change = (await (await store()).get(id, workload))?.body;
  if (change === undefined) return { allowed, change: null };
  const { at, by, problem } = change;
  const state = (await isInTenant(id, workload, allowed))
    ? SwitchState.updated
    : problem === null
      ? SwitchState.inProcess
      : SwitchState.failed;
  return { allowed, change: { state, message: MESSAGES[state], at: iso(at), by, problem } };
}

/** Throws `conflict` while a change is on its way: the setting is unavailable until then. */
export async function refuseInProcess(group: StoredGroup, workload: SwitchedWorkload): Promise<void> {
  const { change } = await switchOf(group, workload);
  if (change?.state !== SwitchState.inProcess) return;
  const message = `${change.message} GET groups/${group.id}/apps says when it is. Nothing was changed.`;
  throw new AppError("conflict", message, { field: "allowed", details: { rule: "switchInProcess", workload } });
}

/**
 * Groups with a change of a switch that has been on its way for longer than it takes, and when it began (ms): whoever
 * made it may have ended before it was brought to the tenant.
 */
export async function overdueSwitches(groups: readonly StoredGroup[], now: number): Promise<Map<string, number>> {
  const overdue = new Map<string, number>();
  for (const group of groups) {
    for (const workload of SWITCHED) {
      const { change } = await switchOf(group, workload);
      if (change?.state !== SwitchState.inProcess || now - Date.parse(change.at) < OVERDUE_MS) continue;
      overdue.set(group.id, Date.parse(change.at));
    }
  }
  return overdue;
}

/** Notes that somebody has used the switch. */
export async function noteSwitch(
  groupId: string,
  workload: SwitchedWorkload,
  change: { readonly allowed: boolean; readonly at: number; readonly by: string },
): Promise<void> {
  await (await store()).put(groupId, workload, { ...change, problem: null });
}

/** Notes what keeps the policies of a group from the tenant with the changes that wait for them. */
export async function noteSwitchProblem(groupId: string, problem: string): Promise<void> {
  const switches = await store();
  for (const workload of SWITCHED) {
    const change = (await switches.get(groupId, workload))?.body;
    if (change === undefined || (await isInTenant(groupId, workload, change.allowed))) continue;
    await switches.put(groupId, workload, { ...change, problem });
  }
}

/** Whether the group's policies in the tenant are complete, and made with or without the workload as wanted. */
async function isInTenant(groupId: string, workload: SwitchedWorkload, allowed: boolean): Promise<boolean> {
  const baseline = (await findBaseline(groupId))?.body;
  return baseline?.applyingSince === null && baseline.group.definition.updateTypes[workload] === allowed;
}

async function store(): Promise<Documents<z.infer<typeof changeSchema>>> {
  return documents(await table("AppSwitches"), changeSchema);
}
