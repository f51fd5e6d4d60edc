import { z } from "zod";
import { AppError } from "../errors.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { Answer, type Question } from "./questions.js";

export const ApprovalStatus = { pending: "pending", answered: "answered", timedOut: "timedOut", moot: "moot" } as const;
export type ApprovalStatus = (typeof ApprovalStatus)[keyof typeof ApprovalStatus];

/** A question to people and what became of it. Instants in ms. */
export interface Approval {
  readonly question: Question;
  readonly status: ApprovalStatus;
  readonly answer: Answer | null;
  readonly answeredBy: { readonly id: string; readonly name: string } | null;
  readonly justification: string | null;
  readonly answeredAt: number | null;
  readonly reminders: number;
  /** When the configured answer is taken. */
  readonly dueAt: number;
}

const answers = Object.values(Answer) as [Answer, ...Answer[]];
export const answerSchema = z.strictObject({
  answer: z.enum(answers),
  justification: z.string().max(1000).optional(),
});

const approvalSchema = z.custom<Approval>(
  (value) => z.object({ question: z.object({ id: z.string() }), status: z.string() }).safeParse(value).success,
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

/** Writes a new approval, unanswered until `dueAt` (ms); one that is there already stays as it is. */
export async function insertApproval(question: Question, dueAt: number): Promise<void> {
  const unanswered = { answer: null, answeredBy: null, justification: null, answeredAt: null, reminders: 0 };
  try {
    await (await store()).insert(PARTITION, question.id, { question, status: "pending", ...unanswered, dueAt });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
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
  for (;;) {
    const { body, etag } = await readApproval(id);
    const changed = change(body);
    if (changed === undefined) return body;
    try {
      await (await store()).put(PARTITION, id, changed, etag);
      return changed;
    } catch (error) {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
    }
  }
}

export async function listApprovals(): Promise<Approval[]> {
  const found: Approval[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found;
}

async function store(): Promise<Documents<Approval>> {
  return documents(await table("Approvals"), approvalSchema);
}
