import { z } from "zod";
import { AppError } from "../errors.js";
import { changeDocument } from "../store/concurrent.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { Delivery } from "./delivery.js";
import { type ApprovalPolicy, dueAtOf, policyFor, type Vote } from "./policy.js";
import { Answer, type Question } from "./questions.js";

export const ApprovalStatus = { pending: "pending", answered: "answered", timedOut: "timedOut", moot: "moot" } as const;
export type ApprovalStatus = (typeof ApprovalStatus)[keyof typeof ApprovalStatus];

/** A question to people and what became of it. Instants in ms. */
export interface Approval {
  readonly question: Question;
  readonly status: ApprovalStatus;
  readonly answer: Answer | null;
  /** Whose voice decided. */
  readonly answeredBy: { readonly id: string; readonly name: string } | null;
  readonly justification: string | null;
  readonly answeredAt: number | null;
  /** When it turned out that nobody needs to answer any more. */
  readonly mootAt: number | null;
  /** Whether what was decided has reached the release or the expedite. */
  readonly carriedOut: boolean;
  readonly reminders: number;
  /** When the configured answer is taken. */
  readonly dueAt: number;
  readonly policy: ApprovalPolicy;
  /** What people have answered so far, one vote each, the latest last. */
  readonly votes: readonly Vote[];
  /** Grows with every vote, from 1; cards carry it. */
  readonly rev: number;
  /** When those were asked too whom the policy names for that. */
  readonly escalatedAt: number | null;
  /** Cards in Teams. */
  readonly deliveries: readonly Delivery[];
}

const answers = Object.values(Answer) as [Answer, ...Answer[]];
export const answerSchema = z.strictObject({
  answer: z.enum(answers),
  justification: z.string().max(1000).optional(),
});

/** Approvals of before there were policies, cards and ends on record lack what came with them. */
type StoredApproval = Omit<Approval, keyof Added> & Partial<Added>;
type Added = Pick<Approval, "policy" | "votes" | "rev" | "escalatedAt" | "deliveries" | "mootAt" | "carriedOut">;

const approvalSchema = z
  .custom<StoredApproval>(
    (value) => z.object({ question: z.object({ id: z.string() }), status: z.string() }).safeParse(value).success,
  )
  .transform(
    (stored): Approval => ({
      votes: [],
      rev: 1,
      escalatedAt: null,
      deliveries: [],
      mootAt: null,
      carriedOut: true,
      ...stored,
      policy: stored.policy ?? policyFor(stored.question),
    }),
  );
const PARTITION = "approval";

/** The approval and the ETag of the version read. Throws `not_found`. */
export async function readApproval(id: string) {
  const found = await (await store()).get(PARTITION, id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no approval ${id}. GET /api/v1/approvals lists them.`, {
    field: "approvalId",
  });
}

/** A question that nobody has answered yet. */
export function newApproval(
  question: Question,
  policy: ApprovalPolicy,
  deliveries: readonly Delivery[] = [],
): Approval {
  return {
    question,
    status: "pending",
    answer: null,
    answeredBy: null,
    justification: null,
    answeredAt: null,
    mootAt: null,
    carriedOut: false,
    reminders: 0,
    dueAt: dueAtOf(question, policy),
    policy,
    votes: [],
    rev: 1,
    escalatedAt: null,
    deliveries,
  };
}

/** Writes a new approval; one of the same question that is there already stays as it is. Returns what is stored then. */
export async function insertApproval(approval: Approval): Promise<Approval> {
  const { id } = approval.question;
  try {
    await (await store()).insert(PARTITION, id, approval);
    return approval;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return (await readApproval(id)).body;
  }
}

/**
 * Changes an approval; `change` sees the newest version, again when somebody else was faster, and leaves it as it is by
 * returning undefined. Returns what is stored then. Throws `not_found`.
 */
export async function changeApproval(
  id: string,
  change: (approval: Approval) => Approval | undefined,
): Promise<Approval> {
  return changeDocument(
    await store(),
    () => readApproval(id),
    (body) => change(body) ?? body,
  );
}

export async function listApprovals(): Promise<Approval[]> {
  const found: Approval[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found;
}

/** Questions about a release that nobody has decided yet; their ids begin with that of the release. */
export async function openApprovalsOf(releaseId: string): Promise<Approval[]> {
  const found: Approval[] = [];
  for await (const { body } of (await store()).all(PARTITION, { prefix: `${releaseId} ` })) {
    if (body.status === "pending" && body.question.releaseId === releaseId) found.push(body);
  }
  return found;
}

async function store(): Promise<Documents<Approval>> {
  return documents(await table("Approvals"), approvalSchema);
}
