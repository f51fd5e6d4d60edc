import type * as df from "durable-functions";
import { z } from "zod";
import { findAssignment } from "../../shared/access/assignments.js";
import { personOf } from "../../shared/access/caller.js";
import { type Actor, authorise, authorises, Role } from "../../shared/access/roles.js";
import { countsFrom } from "../../shared/approvals/policy.js";
import { type Answer, isAnswer } from "../../shared/approvals/questions.js";
import { type Approval, readApproval } from "../../shared/approvals/store.js";
import { approvalCard, REFRESH_VERB, VERB_PREFIX } from "../../shared/cards/approval-card.js";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { AppError } from "../../shared/errors.js";
import type { InboundActivity } from "../../shared/teams/inbound.js";
import { whoMayAnswer } from "../../shared/teams/people.js";
import { findPerson } from "../../shared/teams/store.js";
import { requireActiveTenant } from "../../shared/tenant/state.js";
import { giveAnswer } from "../../workflows/approval-client.js";
import { refuseOutOfScope } from "../api/scope.js";
import { badRequest, cardReply, type InvokeReply, toast } from "./replies.js";

/** A click, or a client that looks again. What the card carries has been in other hands, so it is checked like any input. */
const valueSchema = z.object({
  action: z.object({
    verb: z.string(),
    data: z.object({
      approvalId: z.string().min(1).max(300),
      rev: z.int().min(1),
      justification: z.string().max(1000).optional(),
    }),
  }),
});
type Click = z.infer<typeof valueSchema>["action"];

/** What came of a click, and why it was refused if it was. */
export interface Acted {
  readonly reply: InvokeReply;
  readonly refused?: {
    readonly act: "read" | "answer";
    readonly actor: Pick<Actor, "id" | "name">;
    readonly approvalId: string;
    readonly reason: string;
  };
}

/**
 * Carries out what a person does on a card. Who it is says Teams, in `from`; what he may do say the role assignments here,
 * as for tokens without roles. The same click again gives the same. Throws only what another try may cure.
 */
export async function actOn(activity: InboundActivity, client: df.DurableClient): Promise<Acted> {
  const { from } = activity;
  const oid = from?.aadObjectId;
  const person = { id: oid ?? "unknown", name: from?.name ?? oid ?? "Somebody" };
  const parsed = valueSchema.safeParse(activity.value);
  const wanted = parsed.success ? wantedBy(parsed.data.action) : undefined;
  if (!parsed.success || wanted === undefined || oid === undefined) {
    const problem = parsed.success ? undefined : `value.${parsed.error.issues[0]?.path.join(".")}`;
    const reason = problem ?? (oid === undefined ? "from.aadObjectId" : "value.action.verb");
    const message = `The click cannot be understood: ${reason} is wrong or missing. Look at the newest card and try again.`;
    const refused = { act: "answer", actor: person, approvalId: "unknown", reason: message } as const;
    return { reply: badRequest(message), refused };
  }
  const click = parsed.data.action;
  const { approvalId } = click.data;
  try {
    const actor = await actorOf(oid, person.name, wanted);
    return { reply: await carryOut(click, wanted, actor, client) };
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable) throw error;
    const act = wanted === "refresh" ? "read" : "answer";
    const refused = { act, actor: person, approvalId, reason: error.message } as const;
    return { reply: error.code === "invalid_input" ? badRequest(error.message) : toast(error.message), refused };
  }
}

function wantedBy({ verb }: Click): Answer | "refresh" | undefined {
  if (verb === REFRESH_VERB) return "refresh";
  const answer = verb.startsWith(VERB_PREFIX) ? verb.slice(VERB_PREFIX.length) : "";
  return isAnswer(answer) ? answer : undefined;
}

/** The person with the rights of the role assignment. Throws `forbidden`. */
async function actorOf(oid: string, name: string, wanted: Answer | "refresh"): Promise<Actor> {
  const needed = wanted === "refresh" ? Role.reader : Role.approver;
  const assignment = (await findAssignment(oid))?.body;
  if (assignment === undefined) {
    const message = `${name} needs the role ${needed}, and Ringmaster has no role assignment for ${oid}. Ask an administrator for one; app roles of a token are not seen in Teams.`;
    throw new AppError("forbidden", message);
  }
  const actor = personOf({ oid, name, roles: [] }, assignment);
  authorise(actor, needed, wanted === "refresh" ? "read an approval" : "answer an approval");
  return actor;
}

async function carryOut(
  { data: { approvalId, rev, justification } }: Click,
  wanted: Answer | "refresh",
  actor: Actor,
  client: df.DurableClient,
): Promise<InvokeReply> {
  await refuseOutOfScope(actor, { approvalId });
  if (wanted === "refresh") return cardFor((await readApproval(approvalId)).body, actor);
  await requireActiveTenant();
  const why = justification?.trim();
  const reason = why === undefined || why === "" ? {} : { justification: why };
  try {
    const given = { approvalId, actor, answer: wanted, rev, at: clock.now(), ...reason };
    return await cardFor(await giveAnswer(client, given), actor);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    // Somebody was faster, or the card is an old one: the newest says how it stands.
    const { body } = await readApproval(approvalId);
    return cardFor(body, actor, body.status === "pending" ? error.message : undefined);
  }
}

/** The card as this person sees it. */
async function cardFor(approval: Approval, actor: Actor, note?: string): Promise<InvokeReply> {
  const { votes, policy, escalatedAt, status } = approval;
  const may = authorises(actor, Role.approver) && countsFrom(policy, escalatedAt !== null, actor.id);
  const voted = votes.some(({ id }) => id === actor.id);
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...(may ? [] : ["You may read this; to answer it you need the role Approver and a place among the approvers."]),
    ...(voted ? [`Your answer counts; ${policy.needed} equal ones are needed. You may still change it.`] : []),
  ];
  const userIds = await userIdsOf(approval);
  return cardReply(
    approvalCard(approval, {
      consoleUrl: config().CONSOLE_URL,
      userIds,
      buttons: may,
      ...(status === "pending" && notes.length > 0 ? { note: notes.join(" ") } : {}),
    }),
  );
}

/** Teams ids of those who may act, as far as they are known without asking Teams. */
async function userIdsOf(approval: Approval): Promise<string[]> {
  const found = await Promise.all((await whoMayAnswer(approval)).map(findPerson));
  return found.flatMap((person) => (person === undefined ? [] : [person.mri]));
}
