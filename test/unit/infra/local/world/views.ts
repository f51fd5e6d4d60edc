import type { ReleaseView, RingView } from "../../../../../infra/local/world/release-view.js";

const EMPTY = { offered: 0, notOffered: 0, held: 0, upToDate: 0, failed: 0, rolledBack: 0, open: 0 } as const;

export function ringView(ring: number, values: Partial<RingView> = {}): RingView {
  return {
    ...{ ring, name: `Ring${ring}`, size: 0, status: "Active", ...EMPTY },
    ...{ opensAt: "2024-06-11T17:00:00.000Z", openedAt: null, completedAt: null, targetAt: null, sloAt: null },
    ...values,
  };
}

export function releaseView(rings: readonly RingView[], values: Partial<ReleaseView> = {}): ReleaseView {
  return {
    id: "2024-06-11-B-workforce",
    status: "Active",
    outcome: null,
    update: {
      workload: "quality",
      name: "2024.06 B",
      catalogEntryId: "1",
      releasedAt: "2024-06-11T17:00:00.000Z",
      revisions: [],
    },
    gate: { mode: "enforce", verdict: "continue", pausedAt: null },
    startedAt: "2024-06-11T17:00:00.000Z",
    endedAt: null,
    needsPerson: false,
    approvalsAsked: 0,
    rings,
    ...values,
  };
}
