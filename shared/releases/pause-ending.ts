import { DAY_MS } from "../calendar/days.js";
import { pausesAt } from "./pauses.js";
import { openRings, type ReleaseState } from "./release-state.js";
import type { Release } from "./store.js";

/** Days before a tenant pause ends by itself in which people are asked whether it should. */
export const WARN_DAYS = 3;

/** Tenant pauses that end by themselves before long. */
export interface EndingPause {
  readonly rings: readonly string[];
  /** When the first of them ends, ms. */
  readonly until: number;
}

/** The tenant pauses that end within three days of `now` (ms) and about which nobody has been asked; null: none. */
export function endingPause(
  { state, askedUntil = 0 }: Pick<Release, "state" | "askedUntil">,
  now: number,
): (EndingPause & { readonly askedUntil: number }) | null {
  if (state.phase === "ended" || state.ending !== null) return null;
  const ending = tenantPauses(state, now).filter(
    ({ until }) => until > askedUntil && until - now <= WARN_DAYS * DAY_MS,
  );
  if (ending.length === 0) return null;
  const ends = ending.map(({ until }) => until);
  return { rings: ending.map(({ ring }) => ring), until: Math.min(...ends), askedUntil: Math.max(...ends) };
}

/** The rings of an ending pause that are still paused, and end as soon as they did when people were asked. */
export function stillEnding({ rings, until }: EndingPause, state: ReleaseState, now: number): string[] {
  const latest = until + WARN_DAYS * DAY_MS;
  return tenantPauses(state, now).flatMap((pause) =>
    rings.includes(pause.ring) && pause.until <= latest ? [pause.ring] : [],
  );
}

function tenantPauses(state: ReleaseState, now: number): { readonly ring: string; readonly until: number }[] {
  return openRings(state).flatMap(({ ring, phase, pauses }) => {
    const { tenant } = pausesAt(pauses, now);
    return tenant === null || phase === "rollingBack" ? [] : [{ ring, until: tenant.until }];
  });
}
