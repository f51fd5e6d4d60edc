import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { type Question, targetOfQuestion, WORDING } from "../../shared/approvals/questions.js";
import { type Approval, changeApproval, insertApproval, readApproval } from "../../shared/approvals/store.js";
import { audit } from "../../shared/audit/audit.js";
import { decideExpedite, isExpediteAsked } from "../../shared/expedites/decide.js";
import { type LoggedCommand, logCommand } from "../../shared/releases/commands.js";
import { findRelease } from "../../shared/releases/store.js";
import { rouse } from "../client.js";
import { activity } from "../durable.js";
import { EXPEDITE, expediteInstance, RELEASE } from "../names.js";

export const questionSchema = z.custom<Question>(
  (value) => z.object({ id: z.string(), kind: z.string() }).safeParse(value).success,
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

/** How the question stands; moot once its release or expedite has ended. */
export const observeApproval = activity({
  name: "observeApproval",
  input: approvalRef,
  run: async ({ approvalId }): Promise<Approval> => {
    const { body } = await readApproval(approvalId);
    if (body.status !== "pending") return body;
    if (!(await isMoot(body.question))) return body;
    return changeApproval(approvalId, whilePending({ status: "moot" }));
  },
});

/** Whether what was asked about is over. */
async function isMoot({ kind, releaseId = "", expediteId }: Question): Promise<boolean> {
  if (expediteId !== undefined) return !(await isExpediteAsked(expediteId));
  const release = await findRelease(releaseId);
  if (release === undefined || release.state.phase === "ended") return true;
  const { state, pauseReason } = release;
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

/** Turns an answer into a command for the release, or decides about the expedite. */
export const carryOutAnswer = activity({
  name: "carryOutAnswer",
  input: approvalRef,
  run: async ({ approvalId }, { at, client }) => {
    const { answer, answeredBy, answeredAt, justification, question } = (await readApproval(approvalId)).body;
    if (answer === null || answer === "keep") return;
    const when = answeredAt ?? at;
    const { releaseId, expediteId } = question;
    if (expediteId !== undefined) {
      await decideExpedite(expediteId, answer === "approve", { by: answeredBy ?? SERVICE, at: when, justification });
      return rouse(client, EXPEDITE, expediteInstance(expediteId), { expediteId });
    }
    if (releaseId === undefined || answer === "approve" || answer === "reject") return;
    const command: LoggedCommand["command"] =
      answeredBy === null
        ? { kind: "servicePause", at: when, reason: `${question.kind} without an answer` }
        : { kind: answer, at: when, by: answeredBy.name, ...(justification === null ? {} : { justification }) };
    await logCommand(releaseId, { key: `approval ${approvalId}`, actor: answeredBy ?? SERVICE, command });
    await rouse(client, RELEASE, releaseId, { releaseId });
  },
});

async function note(action: string, question: Question, at: number, evidence?: Record<string, unknown>): Promise<void> {
  const { id, kind } = question;
  const target = targetOfQuestion(question);
  await audit({ at, actor: SERVICE, action, target, key: id, evidence: { ...evidence, kind } });
}
