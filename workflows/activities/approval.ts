import * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import type { Question, QuestionKind } from "../../shared/approvals/questions.js";
import { type Approval, insertApproval, readApproval, saveApproval } from "../../shared/approvals/store.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { logCommand } from "../../shared/releases/commands.js";
import { type Release, readRelease } from "../../shared/releases/store.js";
import { wake } from "../client.js";
import { activity } from "../durable.js";

export const questionSchema = z.custom<Question>(
  (value) => z.object({ id: z.string(), releaseId: z.string() }).safeParse(value).success,
);
const approvalRef = z.object({ approvalId: z.string().min(1) });

/** Puts the question where people find it. */
export const openApproval = activity({
  name: "openApproval",
  input: z.object({ question: questionSchema, dueAt: z.number() }),
  run: async ({ question, dueAt }) => {
    await insertApproval({
      question,
      status: "pending",
      answer: null,
      answeredBy: null,
      justification: null,
      answeredAt: null,
      reminders: 0,
      dueAt,
    });
    await note("approval.ask", question, {});
  },
});

/** How the question stands; moot once its release has ended. */
export const observeApproval = activity({
  name: "observeApproval",
  input: approvalRef,
  run: async ({ approvalId }): Promise<Approval> => {
    const { body, etag } = await readApproval(approvalId);
    if (body.status !== "pending") return body;
    if (!isMoot(body.question.kind, await readRelease(body.question.releaseId))) return body;
    const moot: Approval = { ...body, status: "moot" };
    await saveApproval(moot, etag);
    return moot;
  },
});

/** Whether what was asked about is over. */
function isMoot(kind: QuestionKind, { state, pauseReason }: Release): boolean {
  if (state.phase === "ended") return true;
  if (kind === "gatePause" || kind === "monitoringPause") return pauseReason === null;
  return kind === "inconclusiveHold" && state.gate.decision !== "hold";
}

/** Reminds people; counts how often. */
export const remindApproval = activity({
  name: "remindApproval",
  input: approvalRef.extend({ reminders: z.int() }),
  run: async ({ approvalId, reminders }) => {
    const { body, etag } = await readApproval(approvalId);
    if (body.status !== "pending" || body.reminders >= reminders) return;
    await saveApproval({ ...body, reminders }, etag);
    await note("approval.remind", body.question, { reminders });
  },
});

/** Takes the configured answer, because nobody gave one in time: everything stays as it is. */
export const timeOutApproval = activity({
  name: "timeOutApproval",
  input: approvalRef,
  run: async ({ approvalId }) => {
    const { body, etag } = await readApproval(approvalId);
    if (body.status !== "pending") return;
    await saveApproval({ ...body, status: "timedOut", answer: "keep", answeredAt: clock.now() }, etag);
    await note("approval.timeOut", body.question, { answer: "keep" });
  },
});

/** Turns an answer into a command for the release. */
export const carryOutAnswer = activity({
  name: "carryOutAnswer",
  input: approvalRef,
  run: async ({ approvalId }, context) => {
    const { answer, answeredBy, answeredAt, justification, question } = (await readApproval(approvalId)).body;
    if (answer === null || answer === "keep" || answeredBy === null) return;
    const command = {
      kind: answer,
      at: answeredAt ?? clock.now(),
      by: answeredBy.name,
      ...(justification === null ? {} : { justification }),
    };
    await logCommand(question.releaseId, { key: `approval ${approvalId}`, actor: answeredBy, command });
    await wake(df.getClient(context), question.releaseId);
  },
});

async function note(
  action: string,
  { id, releaseId, kind }: Question,
  evidence: Record<string, unknown>,
): Promise<void> {
  const target = `release/${releaseId}`;
  await audit({ at: clock.now(), actor: SERVICE, action, target, key: id, evidence: { ...evidence, kind } });
}
