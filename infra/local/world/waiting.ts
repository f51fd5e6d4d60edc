import { DAY_MS } from "../../../shared/calendar/days.js";
import type { ReleaseView, RingView } from "./release-view.js";

/** After so many days without an answer everything stays as it is (shared/approvals/questions.ts). */
const PATIENCE_DAYS = 14;
/** Rings in which devices still do something. */
const MOVING: ReadonlySet<string> = new Set(["Active", "Rolling back", "Expedited"]);

export type Held = Pick<ReleaseView, "id" | "outcome" | "gate" | "approvalsAsked">;

/**
 * Watches for a release that only people can bring further, where the service may not pause: the gate keeps it from the
 * rings that have not begun, all others are over, and nobody answers. Tell it what is known at `now` (ms), in order of
 * time; it says whether that has been so for two weeks.
 * @param ringsOf asked only while people have been asked about a hold
 */
export function unanswered(ringsOf: (releaseId: string) => Promise<readonly Pick<RingView, "status">[]>) {
  let since: number | undefined;
  return async (release: Held, now: number): Promise<boolean> => {
    const isWaiting = isHeld(release) && (await ringsOf(release.id)).every(({ status }) => !MOVING.has(status));
    since = isWaiting ? (since ?? now) : undefined;
    return since !== undefined && now - since >= PATIENCE_DAYS * DAY_MS;
  };
}

function isHeld({ outcome, gate, approvalsAsked }: Held): boolean {
  return outcome === null && approvalsAsked > 0 && gate.mode === "enforce" && gate.verdict !== "continue";
}
