import type { CohortEvidence } from "../cohorts/evidence.js";
import { AppError } from "../errors.js";
import { hash32 } from "../random.js";
import { workloadFor } from "../workloads/index.js";
import type { Release } from "./store.js";

/** Why a hold is over. */
export const HoldEnd = {
  /** A person decided so. */
  released: "released",
  /** Another hold explains its failures, or they may be chance (shared/cohorts/superfluous.ts). */
  superfluous: "superfluous",
  /** A newer update has been handed over to the rings. */
  superseded: "superseded",
  /** The release was cancelled, rolled back or superseded: nobody is offered it any more. */
  releaseEnded: "releaseEnded",
} as const;
export type HoldEnd = (typeof HoldEnd)[keyof typeof HoldEnd];

/** Devices of a held cohort in one ring. */
export interface HeldDevices {
  readonly held: number;
  readonly exempt: number;
}

/** A safeguard hold on a cohort (gate.md §5). Plain JSON; instants in ms. */
export interface CohortHold {
  /** Eight digits (autopatch.md §12). */
  readonly id: string;
  /** `cohortId`, e.g. `model=Contoso 15`. */
  readonly cohort: string;
  readonly evidence: CohortEvidence;
  readonly since: number;
  /** False where the gate only advises, or nothing can leave a cohort out: nothing is held. */
  readonly enforced: boolean;
  /** Devices that people have exempted for this release. */
  readonly exempt: readonly string[];
  readonly ended: {
    readonly at: number;
    readonly by: string;
    readonly because: HoldEnd;
    readonly justification?: string;
  } | null;
  /** Ledger and directory are as this record says. */
  readonly settled: boolean;
  /** The directory group of its devices; null until made. */
  readonly groupId: string | null;
  /** As counted when ledger and directory were last changed. */
  readonly rings: Readonly<Record<string, HeldDevices>>;
}

/** What a person, or a newer release, decides about the holds of a release. */
export type HoldCommand =
  | {
      readonly kind: "releaseHold";
      readonly at: number;
      readonly by: string;
      readonly holdId: string;
      readonly justification?: string | undefined;
    }
  | {
      readonly kind: "exemptDevices" | "withdrawExemption";
      readonly at: number;
      readonly by: string;
      readonly holdId: string;
      readonly deviceIds: readonly string[];
      readonly justification?: string | undefined;
    }
  /** A newer release has been handed over, or the group is being deleted: nobody needs the holds any more. */
  | { readonly kind: "supersedeHolds"; readonly at: number; readonly by: string };

/** Devices of one hold that may be exempt. */
export const MOST_EXEMPT = 1_000;

/** Whether the release keeps cohorts from its update; else it only names them. */
export function holdsCohorts({ gate, update }: Pick<Release, "gate" | "update">): boolean {
  return gate.mode === "enforce" && workloadFor(update).unstoppable === undefined;
}

/** A new hold. A cohort that was released and is found again has a new number. */
export function newHold(
  release: Pick<Release, "id" | "holds" | "gate" | "update">,
  evidence: CohortEvidence,
  at: number,
) {
  const { cohort } = evidence;
  const before = release.holds.filter((hold) => hold.cohort === cohort).length;
  const enforced = holdsCohorts(release);
  const hold: CohortHold = {
    id: String(hash32(release.id, cohort, before) % 100_000_000).padStart(8, "0"),
    cohort,
    evidence,
    since: at,
    enforced,
    exempt: [],
    ended: null,
    settled: !enforced,
    groupId: null,
    rings: {},
  };
  return hold;
}

/** Holds that keep devices from the update now. */
export function holdsInForce({ holds }: Pick<Release, "holds">): CohortHold[] {
  return holds.filter(({ enforced, ended }) => enforced && ended === null);
}

/** Those of them that were founded on the gate's evidence too and may turn out to be chance (cohorts/method.ts). */
export function provisionalHolds(release: Pick<Release, "holds">): CohortHold[] {
  return holdsInForce(release).filter(({ evidence }) => evidence.provisional);
}

/** The holds with newer evidence where there is some. */
export function withEvidence(holds: readonly CohortHold[], newer: readonly CohortEvidence[]): CohortHold[] {
  return holds.map((hold) => {
    const evidence = hold.ended === null ? newer.find(({ cohort }) => cohort === hold.cohort) : undefined;
    return evidence === undefined ? hold : { ...hold, evidence };
  });
}

/** Holds whose ledger rows and directory group are not yet as they have to be. */
export function unsettledHolds({ holds }: Pick<Release, "holds">): CohortHold[] {
  return holds.filter(({ settled }) => !settled);
}

/** Ends the holds that are in force and for which `which` is true. */
export function endHolds(
  holds: readonly CohortHold[],
  ended: NonNullable<CohortHold["ended"]>,
  which: (hold: CohortHold) => boolean = () => true,
): CohortHold[] {
  return holds.map((hold) => (hold.ended === null && which(hold) ? { ...hold, ended, settled: !hold.enforced } : hold));
}

/** A hold by its number. Throws `not_found`. */
export function holdOf({ id, holds }: Pick<Release, "id" | "holds">, holdId: string): CohortHold {
  const found = holds.find((hold) => hold.id === holdId);
  if (found !== undefined) return found;
  throw new AppError("not_found", `Release ${id} has no hold ${holdId}. GET /api/v1/releases/${id}/holds lists them.`, {
    field: "holdId",
  });
}

/**
 * The holds of a release after a command. Throws `not_found` for an unknown hold, `conflict` where it is over or was
 * never enforced, `rule_violated` where more devices would be exempt than may be.
 */
export function applyHoldCommand(release: Pick<Release, "id" | "holds">, command: HoldCommand): readonly CohortHold[] {
  const { at, by } = command;
  if (command.kind === "supersedeHolds") return endWithRelease(release.holds, { at, by, because: HoldEnd.superseded });
  const hold = holdOf(release, command.holdId);
  refuseOver(release, hold);
  const { justification } = command;
  if (command.kind === "releaseHold") {
    const reason = justification === undefined ? {} : { justification };
    return endHolds(release.holds, { at, by, because: HoldEnd.released, ...reason }, ({ id }) => id === hold.id);
  }
  const exempt = exemptAfter(hold, command);
  return release.holds.map((one) => (one === hold ? { ...one, exempt, settled: false } : one));
}

function refuseOver({ id }: Pick<Release, "id">, hold: CohortHold): void {
  if (hold.enforced && hold.ended === null) return;
  const reason = hold.enforced
    ? `it is ${hold.ended?.because}`
    : "its cohort is only named to people, and nothing is held";
  throw new AppError(
    "conflict",
    `Hold ${hold.id} of release ${id} cannot be changed: ${reason}. Nothing was changed.`,
    {
      field: "holdId",
    },
  );
}

function exemptAfter(hold: CohortHold, command: Extract<HoldCommand, { readonly deviceIds: readonly string[] }>) {
  const named = new Set(command.deviceIds.map((id) => id.toLowerCase()));
  if (command.kind === "withdrawExemption") return hold.exempt.filter((id) => !named.has(id));
  const exempt = [...new Set([...hold.exempt, ...named])].sort();
  if (exempt.length <= MOST_EXEMPT) return exempt;
  const message = `deviceIds: at most ${MOST_EXEMPT} devices of a hold may be exempt, and it would be ${exempt.length}. Release the hold instead. Nothing was changed.`;
  throw new AppError("rule_violated", message, { field: "deviceIds", details: { limit: MOST_EXEMPT } });
}

/**
 * Whether a release that has ended keeps holding its cohorts: it was handed over to rings for good, and only a person or
 * a newer update that reached them ends a hold. Its rings then keep the policies that leave the cohorts out.
 */
export function holdsOutlive(release: Pick<Release, "holds" | "state" | "pauseReason">): boolean {
  return isTrusted(release) && holdsInForce(release).length > 0;
}

/** What changes in a release once everything that its end entails is done: holds that do not outlive it are over. */
export function afterEnd(release: Release, at: number): Partial<Release> {
  if (holdsOutlive(release)) return { closed: true };
  const ended = { at, by: release.id, because: HoldEnd.releaseEnded };
  return { closed: true, holds: endWithRelease(release.holds, ended) };
}

/** The ledger's rows stay as the release left them. */
function endWithRelease(holds: readonly CohortHold[], ended: NonNullable<CohortHold["ended"]>): CohortHold[] {
  return endHolds(holds, ended).map((hold) => ({ ...hold, settled: true }));
}

/** Whether the update of an ended release may stay in the rings that completed it. */
export function isTrusted({ holds, state, pauseReason }: Pick<Release, "holds" | "state" | "pauseReason">): boolean {
  if (holds.some(({ ended }) => ended?.because === HoldEnd.superseded)) return false;
  return pauseReason === null && (state.outcome === "completed" || state.outcome === "superseded");
}
