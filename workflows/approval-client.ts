import type * as df from "durable-functions";
import { answerApproval, type GivenAnswer } from "../shared/approvals/answer.js";
import type { Approval } from "../shared/approvals/store.js";
import { rouse } from "./client.js";
import { APPROVAL, approvalInstance } from "./names.js";

/**
 * Records an answer, from the API or from Teams, and has the approval's orchestration act on it. Returns the approval as
 * it stands then. Throws what `answerApproval` throws, and `unavailable`; the same answer may be given again.
 */
export async function giveAnswer(client: df.DurableClient, given: GivenAnswer): Promise<Approval> {
  const approval = await answerApproval(given);
  const { question } = approval;
  await rouse(client, APPROVAL, approvalInstance(question.id), { question });
  return approval;
}
