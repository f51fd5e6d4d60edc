import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { type Question, type QuestionKind, WORDING } from "../../shared/approvals/questions.js";
import { type Approval, changeApproval, insertApproval, readApproval } from "../../shared/approvals/store.js";
import { audit } from "../../shared/audit/audit.js";
import { type LoggedCommand, logCommand } from "../../shared/releases/commands.js";
import { type Release, readRelease } from "../../shared/releases/store.js";
import { rouse } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE } from "../names.js";

export const questionSchema = z.custom<Question>(
  (value) => z.object({ id: z.string(), releaseId: z.string() }).safeParse(value).success,
);
const approvalRef = z.object({ approvalId: z.string().min(1) });

/** Puts the question where people find it. */
export const openApproval = activity({
  name: "openApproval",
  input: z.object({ question: questionSchema, dueAt: z.number() }),
  run: async ({ question, dueAt }) => {
    await insertApproval(question, dueAt);
    await note("approval.ask", question, question.at);
  },
});

/** How the question stands; moot once its release has ended. */
export const observeApproval = activity({
  name: "observeApproval",
  input: approvalRef,
  run: async ({ approvalId }): Promise<Approval> => {
    const { body } = await readApproval(approvalId);
    if (body.status !== "pending") return body;
    if (!isMoot(body.question.kind, await readRelease(body.question.releaseId))) return body;
    return changeApproval(approvalId, whilePending({ status: "moot" }));
  },
});

/** Whether what was asked about is over. */
function isMoot(kind: QuestionKind, { state, pauseReason }: Release): boolean {
  if (state.phase === "ended") return true;
  if (kind === "gatePause" || kind === "monitoringPause") return pauseReason === null;
  return (kind === "inconclusiveHold" || kind === "silenceHold") && state.gate.decision !== "hold";
}

/** Somebody may answer between two looks, and an answer is never overwritten. */
function whilePending(patch: Partial<Approval>): (approval: Approval) => Approval | undefined {
  return (approval) => (approval.status === "pending" ? { ...approval, ...patch } : undefined);
}

/** Reminds people; counts how often. */
export const remindApproval = activity({
  name: "remindApproval",
  input: approvalRef.extend({ reminders: z.int() }),
  run: async ({ approvalId, reminders }, { at }) => {
    const { body } = await readApproval(approvalId);
    if (body.status !== "pending" || body.reminders >= reminders) return;
    await note("approval.remind", body.question, at, { reminders });
    await changeApproval(approvalId, whilePending({ reminders }));
  },
});

/** Takes the configured answer, because nobody gave one in time. */
export const timeOutApproval = activity({
  name: "timeOutApproval",
  input: approvalRef,
  run: async ({ approvalId }, { at }) => {
    const { answer } = WORDING[(await readApproval(approvalId)).body.question.kind].timeOut;
    const change = whilePending({ status: "timedOut", answer, answeredAt: at });
    const { status, question } = await changeApproval(approvalId, change);
    if (status === "timedOut") await note("approval.timeOut", question, at, { answer });
  },
});

/** Turns an answer into a command for the release. */
export const carryOutAnswer = activity({
  name: "carryOutAnswer",
  input: approvalRef,
  run: async ({ approvalId }, { at, client }) => {
    const { answer, answeredBy, answeredAt, justification, question } = (await readApproval(approvalId)).body;
    if (answer === null || answer === "keep") return;
    const when = answeredAt ?? at;
    const command: LoggedCommand["command"] =
      answeredBy === null
        ? { kind: "servicePause", at: when, reason: `${question.kind} without an answer` }
        : { kind: answer, at: when, by: answeredBy.name, ...(justification === null ? {} : { justification }) };
    await logCommand(question.releaseId, { key: `approval ${approvalId}`, actor: answeredBy ?? SERVICE, command });
    await rouse(client, RELEASE, question.releaseId, { releaseId: question.releaseId });
  },
});

async function note(
  action: string,
  { id, releaseId, kind }: Question,
  at: number,
  evidence?: Record<string, unknown>,
): Promise<void> {
  const target = `release/${releaseId}`;
  await audit({ at, actor: SERVICE, action, target, key: id, evidence: { ...evidence, kind } });
}
