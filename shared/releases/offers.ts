import { HOUR_MS } from "../calendar/days.js";
import { harmBound } from "../gate/blast-radius.js";
import type { GateEvidence } from "../gate/evidence.js";
import { EXPEDITED, toleratedRate } from "../gate/method.js";
import { decideOffers, type OffersDecision, probedRings, type WaitingRing } from "../gate/offers.js";
import type { ReleaseSummary, WaveSummary } from "../ledger/index.js";
import { isExpedited } from "./expedite.js";
import { isPaused, pausesAt } from "./pauses.js";
import type { RingPlan } from "./plan.js";
import { RingPhase } from "./ring-state.js";
import type { HeardSilence } from "./silence.js";
import type { Release, ReleaseRing } from "./store.js";

/** What the gate knows when the controller is asked. */
export interface Heard {
  readonly evidence: GateEvidence | null;
  readonly silence: HeardSilence | null;
}

/** A wave that the release has granted a ring. */
export interface Grant {
  readonly ring: string;
  readonly wave: number;
  readonly devices: number;
  readonly last: boolean;
  /** Granted while the gate held, to bring it evidence (controller.ts point 5). */
  readonly probe?: boolean;
  /** ms */
  readonly at: number;
}

/** What the controller has to know of a ring: its dates, and what the ledger counts of it. Instants in ms. */
export interface RingOffers {
  readonly ring: string;
  readonly plan: RingPlan;
  readonly size: number;
  readonly notOffered: number;
  readonly offered: number;
  /** Those of `offered` that the gate does not count, since their cohort is held; absent: none. */
  readonly setAside?: number;
  /** Of the first wave and of the latest one; null before any. */
  readonly firstOfferAt: number | null;
  readonly lastOfferAt: number | null;
  /** Devices of every wave that has been begun, and whether all of them are marked. */
  readonly waves: Readonly<Record<number, { readonly devices: number; readonly done: boolean }>>;
}

/** The rings of a release as the controller sees them, in the order of their days. */
export function offersOf(rings: readonly ReleaseRing[], summary: ReleaseSummary): RingOffers[] {
  return rings
    .map(({ ring, state }) => {
      const counts = summary.rings[ring];
      const waves = summary.waves.filter((wave) => wave.ring === ring);
      const offers = waves.map(({ offeredAt }) => Date.parse(offeredAt));
      return {
        ring,
        plan: state.plan,
        size: counts?.size ?? 0,
        notOffered: counts?.notOffered ?? 0,
        offered: counts?.offered ?? 0,
        setAside: Math.max(0, (counts?.offered ?? 0) - waves.reduce((sum, { offered }) => sum + offered, 0)),
        firstOfferAt: offers.length === 0 ? null : Math.min(...offers),
        lastOfferAt: offers.length === 0 ? null : Math.max(...offers),
        waves: Object.fromEntries(waves.map((wave) => [wave.wave, takenBy(wave)])),
      };
    })
    .sort((a, b) => a.plan.availableAt - b.plan.availableAt || a.plan.index - b.plan.index);
}

function takenBy({ offered, done }: WaveSummary) {
  return { devices: offered, done };
}

/** Devices of grants that the ledger does not show as offered yet. */
function outstanding(grants: readonly Grant[], { ring, waves }: RingOffers): number {
  return grants
    .filter((grant) => grant.ring === ring && waves[grant.wave]?.done !== true)
    .reduce((sum, { wave, devices }) => sum + Math.max(0, devices - (waves[wave]?.devices ?? 0)), 0);
}

/** Devices that the ring's own waves let it have by now: the share of those whose turn has come, less what it has. */
function plannedNow({ plan, size, firstOfferAt }: RingOffers, given: number, now: number): number {
  const turns = firstOfferAt === null ? 0 : Math.floor((now - firstOfferAt) / (plan.waveIntervalHours * HOUR_MS));
  if (turns >= plan.waves.length - 1) return Number.MAX_SAFE_INTEGER;
  const share = plan.waves.slice(0, turns + 1).reduce((sum, one) => sum + one, 0);
  return Math.max(0, Math.round(size * share) - given);
}

/**
 * What the controller says of a release now (gate.md §3): how many more devices may be offered, and the waves that the
 * waiting rings get of them. Null where nothing waits. Evidence that a person has accepted counts no more.
 */
export function controlRelease(
  release: Release,
  rings: readonly RingOffers[],
  { evidence, silence }: Heard,
  now: number,
): OffersDecision | null {
  const { grants, history, state } = release;
  const isHeld = state.gate.decision === "hold";
  const allWaiting = rings.flatMap((ring) => waitingRing(release, ring, now) ?? []);
  const opened = new Set([...grants, ...rings.filter(({ offered }) => offered > 0)].map(({ ring }) => ring));
  const waiting = isHeld ? probedRings(allWaiting, opened) : allWaiting;
  if (waiting.length === 0) return null;
  const granted = rings.reduce((sum, ring) => sum + ring.offered - (ring.setAside ?? 0) + outstanding(grants, ring), 0);
  const accepted = state.gate.accepted ?? { failures: 0, exposure: 0 };
  return decideOffers({
    now,
    waiting,
    offered: granted === 0 ? 0 : Math.max(1, granted - accepted.exposure),
    nEff: Math.max(0, (evidence?.nEff ?? 0) - accepted.exposure),
    failures: Math.max(0, (evidence?.failures ?? 0) - accepted.failures),
    pTol: evidence?.pTol ?? toleratedRate(history.p0, history.p0Variation),
    logE: evidence?.logE ?? 0,
    resolved: evidence?.input.steps.reduce((sum, { resolved }) => sum + resolved, 0) ?? 0,
    harmBound: boundOf(release, rings),
    silence: silence === null ? null : { logE: silence.logE, upperShare: silence.upperShare },
    heldHours: isHeld ? (now - (state.gate.since ?? now)) / HOUR_MS : null,
  });
}

/** H: the group's own or that of its size, four times as much while the update is expedited (gate.md §2.6). */
function boundOf(release: Release, rings: readonly RingOffers[]): number {
  const expedited = isExpedited(release);
  const own = release.gate.harmBound;
  if (own !== null) return own * (expedited ? EXPEDITED.exposureFactor : 1);
  const devices = rings.reduce((sum, { size }) => sum + size, 0);
  return harmBound(devices, expedited);
}

/** Rings whose day has come and that nobody is left in, or ever was, or whose rest is held: their last wave is an empty one. */
export function ringsWithNobodyLeft(release: Release, rings: readonly RingOffers[], now: number): string[] {
  const { grants } = release;
  const finished = new Set(grants.filter(({ last }) => last).map(({ ring }) => ring));
  return rings
    .filter((ring) => isDue(release, ring, now) && !finished.has(ring.ring))
    .filter((ring) => ring.notOffered - outstanding(grants, ring) <= 0)
    .map(({ ring }) => ring);
}

/** Whether a ring's day has come and it may be offered to: it has not ended and is not paused. */
export function isDue({ state }: Release, { ring, plan }: RingOffers, now: number): boolean {
  const view = state.rings.find((candidate) => candidate.ring === ring);
  const open = view?.phase === RingPhase.upcoming || view?.phase === RingPhase.active;
  return view !== undefined && open && !isPaused(view.pauses, now) && now >= plan.availableAt;
}

function waitingRing(release: Release, ring: RingOffers, now: number): WaitingRing | undefined {
  const { grants } = release;
  const given = outstanding(grants, ring);
  const left = ring.notOffered - given;
  if (left <= 0 || !isDue(release, ring, now)) return undefined;
  const lastGrantAt = Math.max(...grants.filter((grant) => grant.ring === ring.ring).map(({ at }) => at), 0);
  return {
    ring: ring.ring,
    size: ring.size,
    left,
    planned: plannedNow(ring, ring.offered + given, now),
    since: Math.max(ring.plan.availableAt, ring.lastOfferAt ?? 0, lastGrantAt),
  };
}

/** When time alone makes a ring wait for offers next: its day, its next planned wave, or the end of its pause (ms); null: never. */
export function nextWaitingAt(release: Release, rings: readonly RingOffers[], now: number): number | null {
  const instants = rings.flatMap((ring) => {
    const view = release.state.rings.find((candidate) => candidate.ring === ring.ring);
    if (view === undefined || view.phase === RingPhase.ended) return [];
    const { tenant, service } = pausesAt(view.pauses, now);
    if (service !== null) return [];
    const turn = nextTurnAt(ring, now);
    return [ring.plan.availableAt, tenant?.until ?? 0, turn ?? 0].filter((at) => at > now);
  });
  return instants.length === 0 ? null : Math.min(...instants);
}

function nextTurnAt({ plan, firstOfferAt }: RingOffers, now: number): number | undefined {
  if (firstOfferAt === null) return undefined;
  const interval = plan.waveIntervalHours * HOUR_MS;
  const turn = Math.floor((now - firstOfferAt) / interval) + 1;
  return turn < plan.waves.length ? firstOfferAt + turn * interval : undefined;
}
