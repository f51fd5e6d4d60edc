import type { AskedRing, Question, QuestionKind } from "../approvals/questions.js";
import type { GateStep } from "../gate/evidence.js";
import { workloadFor } from "../workloads/index.js";
import type { ReleaseNews } from "./news.js";
import type { Release } from "./store.js";

/** The question of this kind about a release as it stands `now` (ms), with everything that people need to decide. */
export function questionAbout(release: Release, news: ReleaseNews, kind: QuestionKind, now: number): Question {
  const { id, evidence, silence, gate, update, groupName } = release;
  const { servicePauses, unstoppable } = workloadFor(update);
  const limits = unstoppable?.because;
  const seen = evidence === null ? {} : { gate: { e: evidence.e, hold: gate.holdEvidence, pause: 1 / gate.alpha } };
  return {
    id: `${id} ${kind} ${new Date(now).toISOString()}`,
    kind,
    releaseId: id,
    at: now,
    failures: evidence?.failures ?? 0,
    offered: news.offered,
    overdue: silence?.overdue ?? 0,
    subject: { update: update.shortName, group: groupName },
    ...seen,
    ...(limits === undefined ? {} : { about: limits }),
    ...(servicePauses ? {} : { onlyPeoplePause: true }),
    rings: ringsOf(news.steps),
  };
}

/** Waves of a ring counted together. */
function ringsOf(steps: readonly GateStep[]): AskedRing[] {
  const rings = new Map<string, AskedRing>();
  for (const { ring, offered, resolved, failures } of steps) {
    const sum = rings.get(ring) ?? { ring, offered: 0, resolved: 0, failures: 0 };
    rings.set(ring, {
      ring,
      offered: sum.offered + offered,
      resolved: sum.resolved + resolved,
      failures: sum.failures + failures,
    });
  }
  return [...rings.values()];
}
