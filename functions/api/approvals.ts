import { type Answer, WORDING } from "../../shared/approvals/questions.js";
import { type Approval, answerSchema, changeApproval, listApprovals } from "../../shared/approvals/store.js";
import { approvalView, approvalViewSchema } from "../../shared/approvals/view.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { rouse } from "../../workflows/client.js";
import { APPROVAL, approvalInstance } from "../../workflows/names.js";
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

export const approvalsAnswer = route({
  name: "approvalsAnswer",
  method: "POST",
  path: "approvals/{approvalId}/answer",
  role: "Approver",
  act: "answer an approval",
  body: answerSchema,
  answer: { status: 202, about: "The answered question; the release acts on it.", schema: approvalViewSchema },
  run: async (call) => {
    const { answer, justification } = call.body;
    const { id, name } = call.actor;
    const at = clock.now();
    const answered = await changeApproval(param(call, "approvalId"), (approval) => {
      refuseUnlessOpen(approval, answer);
      const answeredBy = { id, name };
      return {
        ...approval,
        status: "answered",
        answer,
        answeredBy,
        justification: justification ?? null,
        answeredAt: at,
      };
    });
    const { question } = answered;
    const target = `release/${question.releaseId}`;
    const key = question.id;
    await audit({ at, actor: call.actor, action: "approval.answer", target, key, justification, evidence: { answer } });
    await rouse(call.client, APPROVAL, approvalInstance(key), { question });
    return json(approvalView(answered), 202);
  },
});

function refuseUnlessOpen({ status, question, answer }: Approval, wanted: Answer): void {
  if (status !== "pending") {
    throw new AppError(
      "conflict",
      `The question is ${status}${answer === null ? "" : ` (${answer})`} and takes no further answer.`,
    );
  }
  const offered = WORDING[question.kind].answers;
  if (offered[wanted] !== undefined) return;
  throw new AppError(
    "invalid_input",
    `answer: ${wanted} is not offered here. Choose one of ${Object.keys(offered).join(", ")}.`,
    {
      field: "answer",
    },
  );
}
