import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { newDelivery } from "../../shared/approvals/delivery.js";
import { policyFor } from "../../shared/approvals/policy.js";
import { type Answer, type Question, targetOfQuestion } from "../../shared/approvals/questions.js";
import {
  type Approval,
  changeApproval,
  insertApproval,
  listApprovals,
  newApproval,
  openApprovalsOf,
  readApproval,
} from "../../shared/approvals/store.js";
import { audit } from "../../shared/audit/audit.js";
import { carryOutReview, stillWaiting } from "../../shared/drivers/review.js";
import type { ErrorRecord } from "../../shared/errors.js";
import { decideExpedite, isExpediteAsked } from "../../shared/expedites/decide.js";
import { graphClient } from "../../shared/graph/client.js";
import type { ApprovalSettings } from "../../shared/groups/group.js";
import { findGroup } from "../../shared/groups/store.js";
import { type LoggedCommand, logCommand } from "../../shared/releases/commands.js";
import { stillEnding } from "../../shared/releases/pause-ending.js";
import { findRelease, type Release } from "../../shared/releases/store.js";
import { showApproval as showInTeams } from "../../shared/teams/approval-cards.js";
import { laterPlacesOf, placesOf } from "../../shared/teams/places.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse, startOnce, wake } from "../client.js";
import { activity } from "../durable.js";
import { APPROVAL, approvalInstance, EXPEDITE, expediteInstance, RELEASE } from "../names.js";

export const questionSchema = z.custom<Question>(
  (value) => z.object({ id: z.string(), kind: z.string() }).safeParse(value).success,
);
const approvalRef = z.object({ approvalId: z.string().min(1) });

/** Puts the question where people find it, with the settings of its group. Cards in Teams follow by `showApproval`. */
export const openApproval = activity({
  name: "openApproval",
  input: z.object({ question: questionSchema }),
  run: async ({ question }): Promise<Approval> => {
    const policy = policyFor(question, await settingsFor(question));
    const approval = await insertApproval(newApproval(question, policy, placesOf(policy).map(newDelivery)));
    await note("approval.ask", question, question.at);
    return approval;
  },
});

/** Settings of the Autopatch group that the question is about, if there is one. */
async function settingsFor({ releaseId, groupId }: Question): Promise<ApprovalSettings | undefined> {
  if (groupId !== undefined) return (await findGroup(groupId))?.body.definition.approvals;
  if (releaseId === undefined) return undefined;
  const release = await findRelease(releaseId);
  if (release === undefined) return undefined;
  return (await findGroup(release.groupId))?.body.definition.approvals;
}

/**
 * Brings the cards in Teams in line with the question. Returns the error that makes another try worth while, if any; what
 * is refused for good is in the audit log, and the question stays open in the API.
 */
export const showApproval = activity({
  name: "showApproval",
  input: approvalRef,
  run: async ({ approvalId }, { at }): Promise<{ readonly retry: ErrorRecord | null }> => {
    const { approval, refused, retry } = await showInTeams(approvalId, at);
    for (const { to, failure } of refused) {
      const { code, message, reminders } = failure;
      await note("approval.deliver.failed", approval.question, at, { to, code, message, reminders }, to);
    }
    return { retry: retry?.toRecord() ?? null };
  },
});

/** Asks those too whom the group names for questions that nobody decides. */
export const escalateApproval = activity({
  name: "escalateApproval",
  input: approvalRef,
  run: async ({ approvalId }, { at }) => {
    const { question, policy, escalatedAt } = await changeApproval(approvalId, (approval) => {
      if (approval.status !== "pending" || approval.escalatedAt !== null) return undefined;
      const known = new Set(approval.deliveries.map(({ to }) => to));
      const added = laterPlacesOf(approval.policy).filter((to) => !known.has(to));
      return { ...approval, escalatedAt: at, deliveries: [...approval.deliveries, ...added.map(newDelivery)] };
    });
    if (escalatedAt !== null) await note("approval.escalate", question, escalatedAt, { to: policy.escalateTo });
  },
});

/** How the question stands; moot once its release or expedite has ended. */
export const observeApproval = activity({
  name: "observeApproval",
  input: approvalRef,
  run: async ({ approvalId }, { at }): Promise<Approval> => {
    let { body } = await readApproval(approvalId);
    if (body.status === "pending" && (await isMoot(body.question, at))) {
      body = await changeApproval(approvalId, whilePending({ status: "moot", mootAt: at }));
    }
    if (body.mootAt !== null) await note("approval.moot", body.question, body.mootAt);
    return body;
  },
});

/** Whether what was asked about is over. */
async function isMoot(question: Question, now: number): Promise<boolean> {
  const { releaseId = "", expediteId } = question;
  if (expediteId !== undefined) return !(await isExpediteAsked(expediteId));
  if (question.groupId !== undefined) return (await stillWaiting(graphClient(), question)).length === 0;
  const release = await findRelease(releaseId);
  return release === undefined || isPointless(question, release, now);
}

/** Whether nothing is left to decide about the release. */
function isPointless({ kind, pause }: Question, { state, pauseReason }: Release, now: number): boolean {
  if (state.phase === "ended") return true;
  if (pause !== undefined) return stillEnding(pause, state, now).length === 0;
  if (kind === "gatePause" || kind === "monitoringPause") return pauseReason === null;
  if (kind === "gateHold") return state.gate.decision === "continue";
  return (kind === "inconclusiveHold" || kind === "silenceHold") && state.gate.decision !== "hold";
}

/** Has the questions about a release look again that are over with what was just decided, so that nobody answers them. */
export async function wakeMoot(client: df.DurableClient, release: Release, now: number): Promise<void> {
  if (release.approvalsAsked === 0) return;
  for (const { question } of await openApprovalsOf(release.id)) {
    if (isPointless(question, release, now)) await wake(client, approvalInstance(question.id));
  }
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
    const { answer } = (await readApproval(approvalId)).body.policy.timeOut;
    const change = whilePending({ status: "timedOut", answer, answeredAt: at });
    const { status, question } = await changeApproval(approvalId, change);
    if (status === "timedOut") await note("approval.timeOut", question, at, { answer });
  },
});

/** Turns an answer into a command for the release, or decides about the expedite or the drivers. */
export const carryOutAnswer = activity({
  name: "carryOutAnswer",
  input: approvalRef,
  run: async ({ approvalId }, { at, client }) => {
    await carryOut((await readApproval(approvalId)).body, at, client);
    await changeApproval(approvalId, (approval) =>
      approval.carriedOut ? undefined : { ...approval, carriedOut: true },
    );
  },
});

async function carryOut(approval: Approval, at: number, client: df.DurableClient): Promise<void> {
  const { answer, answeredBy, answeredAt, justification, question } = approval;
  if (answer === null || answer === "keep") return;
  const when = answeredAt ?? at;
  const { id, releaseId, expediteId } = question;
  if (expediteId !== undefined) {
    await decideExpedite(expediteId, answer === "approve", { by: answeredBy ?? SERVICE, at: when, justification });
    return rouse(client, EXPEDITE, expediteInstance(expediteId), { expediteId });
  }
  if (question.groupId !== undefined) {
    const because = { by: answeredBy ?? SERVICE, at: when, justification };
    return carryOutReview(graphClient(), question, answer === "approve", because);
  }
  if (releaseId === undefined || answer === "approve" || answer === "reject") return;
  if (answer === "pause" && answeredBy !== null) {
    const release = await findRelease(releaseId);
    const pause = release && workloadFor(release.update).pause;
    // The release follows what offers the update.
    if (release !== undefined && pause !== undefined)
      return pause(release, { by: answeredBy, at: when, justification });
  }
  const command: LoggedCommand["command"] =
    answeredBy === null
      ? { kind: "servicePause", at: when, reason: `${question.kind} without an answer` }
      : {
          kind: answer,
          at: when,
          by: answeredBy.name,
          ...(justification === null ? {} : { justification }),
          ...(await concerned(question, answer, when)),
        };
  await logCommand(releaseId, { key: `approval ${id}`, actor: answeredBy ?? SERVICE, command });
  await rouse(client, RELEASE, releaseId, { releaseId });
}

/**
 * Has every open question go on whose orchestration should run and does not, and every answer carried out whose wake was
 * lost: it would wait for the next reminder.
 */
export async function goOnWithApprovals(client: df.DurableClient): Promise<void> {
  for (const { question, status, carriedOut } of await listApprovals()) {
    const instance = approvalInstance(question.id);
    if (status === "pending") await startOnce(client, APPROVAL, instance, { question });
    else if (status !== "moot" && !carriedOut) await rouse(client, APPROVAL, instance, { question });
  }
}

/** What an answer about a pause that ends is about: of the rings asked about, those that are still paused. */
async function concerned({ pause, releaseId = "" }: Question, answer: Answer, at: number) {
  if (pause === undefined || (answer !== "extend" && answer !== "resume")) return {};
  const release = await findRelease(releaseId);
  const still = release === undefined ? [] : stillEnding(pause, release.state, at);
  // Where none is left, the release says so.
  return {
    rings: still.length === 0 ? [...pause.rings] : still,
    ...(answer === "resume" ? { lifts: "tenant" as const } : {}),
  };
}

async function note(
  action: string,
  question: Question,
  at: number,
  evidence?: Record<string, unknown>,
  detail?: string,
): Promise<void> {
  const { id, kind } = question;
  const target = targetOfQuestion(question);
  const key = detail === undefined ? id : `${id} ${detail}`;
  await audit({ at, actor: SERVICE, action, target, key, evidence: { ...evidence, kind, approvalId: id } });
}
