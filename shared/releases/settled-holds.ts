import { acceptMore } from "../gate/gate.js";
import { type CohortHold, type HeldDevices, HoldEnd } from "./holds.js";
import type { Grant } from "./offers.js";
import type { RingLetter } from "./ring-inbox.js";
import { RingPhase } from "./ring-state.js";
import type { Release } from "./store.js";

/** What was done for a hold in ledger and directory. Plain JSON. */
export interface SettledHold {
  readonly groupId: string | null;
  /** By ring. `waiting`: devices that the hold keeps no more and that nothing has been offered. */
  readonly rings: Readonly<Record<string, HeldDevices & { readonly waiting: number }>>;
  /** Failures and reports of the cohort's offered devices. */
  readonly reported: { readonly failures: number; readonly reports: number };
}

export interface HoldLetters {
  readonly release: Release;
  readonly letters: readonly (RingLetter & { readonly ring: string })[];
}

/**
 * The release once ledger and directory are as a hold says, and what its rings are told: that its group is to be left
 * out, that it may be reached again, or that exempt devices wait. What the cohort had reported when a person released it
 * is accepted, so that old failures do not pause the release at once; what comes after counts.
 */
export function withSettled(release: Release, hold: CohortHold, done: SettledHold, now: number): HoldLetters {
  const { groupId } = done;
  const rings = Object.fromEntries(
    Object.entries(done.rings).map(([ring, { held, exempt }]) => [ring, { held, exempt }]),
  );
  // Where the hold is over the record keeps whom it had held.
  const settled = { ...hold, settled: true, groupId, rings: hold.ended === null ? rings : hold.rings };
  const holds = release.holds.map((one) => (one.id === hold.id ? settled : one));
  const kept = accepting({ ...release, holds }, hold, done);
  if (groupId === null || release.state.phase === "ended") return { release: kept, letters: [] };
  if (hold.ended === null && hold.groupId === null) return { release: kept, letters: held(kept, hold, groupId, now) };
  return freed(kept, hold, done, now);
}

function accepting(release: Release, { ended }: CohortHold, { reported }: SettledHold): Release {
  if (ended?.because !== HoldEnd.released) return release;
  const { failures, reports: exposure } = reported;
  return { ...release, state: { ...release.state, gate: acceptMore(release.state.gate, { failures, exposure }) } };
}

function held({ state }: Release, { id }: CohortHold, groupId: string, at: number): HoldLetters["letters"] {
  return listening(state).map(({ ring }) => ({
    ring,
    key: `cohortHeld ${id}`,
    event: { type: "cohortHeld", at, groupId },
  }));
}

/** Rings that offer the release, or may still: a completed one does until the whole release has ended. */
function listening({ rings }: Release["state"]) {
  return rings.filter(({ phase, outcome }) => phase !== RingPhase.ended || outcome === "completed");
}

function freed(release: Release, hold: CohortHold, done: SettledHold, at: number): HoldLetters {
  const groupId = hold.ended === null ? null : done.groupId;
  const cause = { key: `cohortReleased ${hold.id}`, groupId };
  return offerFreed(release, (ring) => done.rings[ring]?.waiting ?? 0, cause, at);
}

/**
 * What rings are told of devices that are held no more: those that opened all their waves get one for them.
 * @param waiting devices of a ring that nothing has been offered
 * @param cause key of the letters, and the group that may be reached again, if any
 */
export function offerFreed(
  release: Release,
  waiting: (ring: string) => number,
  { key, groupId }: { readonly key: string; readonly groupId: string | null },
  at: number,
): HoldLetters {
  const grants: Grant[] = [];
  const letters = listening(release.state).flatMap(({ ring, phase }) => {
    const devices = waiting(ring);
    if (groupId === null && devices === 0) return [];
    const own = release.grants.filter((grant) => grant.ring === ring);
    const wave = devices > 0 && phase !== RingPhase.ended && own.at(-1)?.last === true ? own.length : null;
    if (wave !== null) grants.push({ ring, wave, devices, last: true, at });
    return [
      {
        ring,
        key: `${key} ${at}`,
        event: { type: "cohortReleased", at, groupId, devices, wave } as const,
      },
    ];
  });
  return { release: { ...release, grants: [...release.grants, ...grants] }, letters };
}
