import { type Answer, targetOfQuestion, WORDING } from "../../shared/approvals/questions.js";
import { type Approval, answerSchema, changeApproval, listApprovals } from "../../shared/approvals/store.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { rouse } from "../../workflows/client.js";
import { APPROVAL, approvalInstance } from "../../workflows/names.js";
import { json, param, route } from "./route.js";
import { approvalsWithinScope } from "./scope.js";

route({
  name: "approvalsList",
  method: "GET",
  path: "approvals",
  role: "Reader",
  act: "list approvals",
  run: async ({ actor }) => json({ value: (await approvalsWithinScope(actor, await listApprovals())).map(view) }),
});

route({
  name: "approvalsAnswer",
  method: "POST",
  path: "approvals/{approvalId}/answer",
  role: "Approver",
  act: "answer an approval",
  body: answerSchema,
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
    const target = targetOfQuestion(question);
    const key = question.id;
    await audit({ at, actor: call.actor, action: "approval.answer", target, key, justification, evidence: { answer } });
    await rouse(call.client, APPROVAL, approvalInstance(key), { question });
    return json(view(answered), 202);
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

function view({ question, status, answer, answeredBy, justification, answeredAt, reminders, dueAt }: Approval) {
  const { title, text, answers } = WORDING[question.kind];
  return {
    id: question.id,
    releaseId: question.releaseId ?? null,
    expediteId: question.expediteId ?? null,
    kind: question.kind,
    title,
    text: text(question),
    answers,
    status,
    answer,
    answeredBy: answeredBy?.name ?? null,
    justification,
    askedAt: new Date(question.at).toISOString(),
    answeredAt: answeredAt === null ? null : new Date(answeredAt).toISOString(),
    dueAt: new Date(dueAt).toISOString(),
    reminders,
  };
}
