import { addDays } from "../../../../shared/calendar/days.js";
import { patchTuesday } from "../../../../shared/calendar/patch-tuesday.js";
import { learnHistory } from "../../../../shared/gate/history.js";
import { defaultGroup, defaultRings } from "../../../../shared/groups/defaults.js";
import type { GateMode } from "../../../../shared/groups/group.js";
import type { DeploymentRing } from "../../../../shared/groups/ring.js";
import { newRelease } from "../../../../shared/releases/create.js";
import { exclusionsOf } from "../../../../shared/releases/exclusions.js";
import { PAUSE_LIMIT_DAYS, type TenantPause } from "../../../../shared/releases/pauses.js";
import { planRings, type RingPlan } from "../../../../shared/releases/plan.js";
import { applyRingEvent, type RingEvent } from "../../../../shared/releases/ring-events.js";
import { type RingCounts, type RingState, ringAtStart } from "../../../../shared/releases/ring-state.js";
import type { RingAction } from "../../../../shared/releases/ring-step.js";
import type { Release } from "../../../../shared/releases/store.js";

export const B = patchTuesday(2026, 5);

/** Plan of a default ring of the release of May 2026, with changes. */
export function planOf(name: string, change: Partial<DeploymentRing> = {}): RingPlan {
  const rings = defaultRings().map((ring) => (ring.name === name ? { ...ring, ...change } : ring));
  const plan = planRings({ kind: "B", publishedAt: B, rings }).find(({ ring }) => ring === name);
  if (!plan) throw new Error(`no ring ${name}`);
  return plan;
}

export function ring(name = "Ring1", change: Partial<DeploymentRing> = {}, tenantPause?: TenantPause): RingState {
  return ringAtStart({ plan: planOf(name, change), uninstallWindowDays: 30, tenantPause });
}

export function withEvents(state: RingState, ...events: readonly RingEvent[]): RingState {
  return events.reduce(applyRingEvent, state);
}

export function pauseAt(at: number): TenantPause {
  return { since: at, until: addDays(at, PAUSE_LIMIT_DAYS), by: "ada" };
}

export function counts(size: number, upToDate: number): RingCounts {
  return { size, held: 0, notOffered: 0, offered: size, open: size - upToDate, upToDate, failed: 0, rolledBack: 0 };
}

/** The event that confirms an action of a ring, as the orchestrator sends it once the action is done. */
export function confirmation(action: RingAction, at: number, state?: RingState): RingEvent | undefined {
  switch (action.kind) {
    case "openWave":
      return {
        type: "waveOpened",
        at,
        wave: action.wave,
        ...(state === undefined ? {} : { excluded: exclusionsOf(state, action.last) }),
      };
    case "exclude":
      return { type: "excluded", at, groups: action.groups, wave: action.wave };
    case "hurry":
      return { type: "hurried", at, brought: action.brought };
    case "suspend":
      return { type: "suspended", at };
    case "approve":
      return { type: "approved", at };
    case "rollBack":
      return { type: "rollbackStarted", at };
    case "withdraw":
      return { type: "withdrawn", at };
    case "finish":
      return { type: "finished", at };
    case "wait":
    case "done":
      return undefined;
  }
}

/** The prepared release `r1` of June 2024 in a group of the five default rings, started at `now` (ms). */
export function releaseOf(mode: GateMode, now: number): Release {
  const definition = { ...defaultGroup("Workforce"), gate: { ...defaultGroup("Workforce").gate, mode } };
  const bindings = Object.fromEntries(definition.rings.map(({ name }) => [name, { entraGroupId: `g-${name}` }]));
  const update = {
    catalogEntryId: "c1",
    shortName: "2024.06 B",
    displayName: "06/11/2024 - 2024.06 B",
    releaseDate: "2024-06-11",
    classification: "security",
    cadence: "monthly",
    isExpeditable: true,
    revisions: [
      { product: "Windows 11", version: "23H2", build: "10.0.22631.3737", kb: "KB5039212", isHotpatch: false },
    ],
  } as const;
  const group = { id: "workforce", definition, status: "active", bindings } as const;
  return { ...newRelease({ id: "r1", group, update, others: [], history: learnHistory([]), now }), prepared: true };
}
