/**
 * How a release stands at its end, or for `paused` while only a person can move it (design.md §2). A ring ends in the
 * same way, never as paused.
 */
export const ReleaseOutcome = {
  completed: "completed",
  paused: "paused",
  rolledBack: "rolledBack",
  cancelled: "cancelled",
  superseded: "superseded",
} as const;
export type ReleaseOutcome = (typeof ReleaseOutcome)[keyof typeof ReleaseOutcome];

/** The outcomes after which nothing is offered any more. */
export type FinalOutcome = Exclude<ReleaseOutcome, "paused">;
