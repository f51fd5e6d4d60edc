import type { CatalogueUpdate } from "../graph/catalogue.js";

/** Where an expedite stands. */
export const ExpediteStatus = {
  /** Its update is looked up and its devices are tested. */
  validating: "validating",
  awaitingApproval: "awaitingApproval",
  running: "running",
  completed: "completed",
  cancelled: "cancelled",
  /** A person said no, or nobody answered in time. */
  rejected: "rejected",
  /** A rule stands against it; `reason` says which. */
  refused: "refused",
} as const;
export type ExpediteStatus = (typeof ExpediteStatus)[keyof typeof ExpediteStatus];

/** Who asked for it: another system, a person, or a list of vulnerabilities. */
export const ExpediteSource = { webhook: "webhook", api: "api", msrc: "msrc", kev: "kev" } as const;
export type ExpediteSource = (typeof ExpediteSource)[keyof typeof ExpediteSource];

/** How the update is named: by exactly one of these. */
export interface Wanted {
  /** `KB5039212` */
  readonly kb?: string | undefined;
  /** `CVE-2024-30080` */
  readonly cve?: string | undefined;
  /** `10.0.22631.3737` */
  readonly build?: string | undefined;
}

export interface Decider {
  readonly id: string;
  readonly name: string;
}

/** What was decided about it, by whom. `at` in ms. */
export interface Decision {
  readonly by: Decider;
  readonly at: number;
  readonly justification: string | null;
}

/** What became of the expedite in one Autopatch group. */
export interface ExpediteDeployment {
  readonly groupId: string;
  readonly groupName: string;
  /** The release that is expedited; null where there is none. */
  readonly releaseId: string | null;
  /** Why the group takes no part; null when it does. */
  readonly skipped: string | null;
}

/** What the readiness test found (autopatch.md §5.7). */
export interface ReadinessTest {
  /** ms */
  readonly at: number;
  readonly devices: number;
  readonly upToDate: number;
  readonly ready: number;
  /** Devices that cannot take it, by reason. */
  readonly notReady: Readonly<Record<string, number>>;
}

/** One update that is to reach its devices faster than its rings would. Plain JSON; instants in ms. */
export interface Expedite {
  readonly id: string;
  readonly source: ExpediteSource;
  readonly requestedBy: Decider;
  readonly requestedAt: number;
  readonly justification: string | null;
  /** Of what a webhook sent, so that the same key with another body is told apart; null for other sources. */
  readonly bodyHash: string | null;
  readonly wanted: Wanted;
  /** Autopatch groups it is for. */
  readonly groupIds: readonly string[];
  /** 0–2 days until the forced restart (row 64); null: the service expedites, with 0/1/1 (row 63). */
  readonly rebootDays: number | null;
  /** Whether it is for groups too in which a quality update policy has paused the update. Absent: it is not. */
  readonly despitePause?: boolean;
  readonly status: ExpediteStatus;
  /** Why it is refused or rejected, for people. */
  readonly reason: string | null;
  /** What keeps it from going on for now. */
  readonly problem: string | null;
  /** Null before it was found. */
  readonly update: CatalogueUpdate | null;
  readonly readiness: ReadinessTest | null;
  /** The question to people; null where none was asked. */
  readonly approvalId: string | null;
  readonly approved: Decision | null;
  readonly cancelled: Decision | null;
  /** Null before it was started. */
  readonly deployments: readonly ExpediteDeployment[] | null;
  readonly endedAt: number | null;
}

const OVER: ReadonlySet<ExpediteStatus> = new Set(["completed", "cancelled", "rejected", "refused"]);

/** Whether nothing more happens to it. */
export function isOver({ status }: Pick<Expedite, "status">): boolean {
  return OVER.has(status);
}

/** A new expedite, before anything was looked at. */
export function newExpedite(
  given: Pick<
    Expedite,
    "id" | "source" | "requestedBy" | "requestedAt" | "justification" | "wanted" | "groupIds" | "rebootDays"
  > & { readonly bodyHash?: string; readonly despitePause?: boolean },
): Expedite {
  return {
    ...given,
    bodyHash: given.bodyHash ?? null,
    status: ExpediteStatus.validating,
    reason: null,
    problem: null,
    update: null,
    readiness: null,
    approvalId: null,
    approved: null,
    cancelled: null,
    deployments: null,
    endedAt: null,
  };
}
