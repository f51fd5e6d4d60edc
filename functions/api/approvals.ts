import { type Approval, answerSchema, listApprovals, readApproval } from "../../shared/approvals/store.js";
import { approvalView, approvalViewSchema } from "../../shared/approvals/view.js";
import { clock } from "../../shared/clock.js";
import { giveAnswer } from "../../workflows/approval-client.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { paged, pageOf } from "./paging.js";
import { json, param, route } from "./route.js";
import { approvalsWithinScope } from "./scope.js";

export const approvalsList = route({
  name: "approvalsList",
  method: "GET",
  path: "approvals",
  role: "Reader",
  act: "list approvals",
  page: true,
  answer: { about: "Questions of the service to people.", schema: pageOf(approvalViewSchema) },
  run: async (call) => {
    const visible = await approvalsWithinScope(call.actor, await listApprovals());
    return json(paged(call, visible.map(approvalView), ({ id }) => id));
  },
});

export const approvalsGet = route({
  name: "approvalsGet",
  method: "GET",
  path: "approvals/{approvalId}",
  role: "Reader",
  act: "read an approval",
  answer: { about: "A question, who answered what, and where it was put.", schema: approvalViewSchema, etag: true },
  run: async (call) => {
    const { body: approval } = await readApproval(param(call, "approvalId"));
    return versioned(json(approvalView(approval)), versionOf(approval));
  },
});

export const approvalsAnswer = route({
  name: "approvalsAnswer",
  method: "POST",
  path: "approvals/{approvalId}/answer",
  role: "Approver",
  act: "answer an approval",
  body: answerSchema,
  ifMatch: true,
  answer: { status: 202, about: "The question with the answer that was given.", schema: approvalViewSchema },
  run: async (call) => {
    const { answer, justification } = call.body;
    const approvalId = param(call, "approvalId");
    refuseOtherVersion(call, versionOf((await readApproval(approvalId)).body));
    const given = { approvalId, actor: call.actor, answer, justification, at: clock.now() };
    return json(approvalView(await giveAnswer(call.client, given)), 202);
  },
});

/** Reminders and cards leave what is asked as it is. */
function versionOf({ status, rev }: Approval): unknown {
  return { status, rev };
}
