import { z } from "zod";
import { DAY_MS } from "../shared/calendar/days.js";
import {
  carryOutAnswer,
  escalateApproval,
  observeApproval,
  openApproval,
  questionSchema,
  remindApproval,
  timeOutApproval,
} from "./activities/approval.js";
import { Cards } from "./approval-cards.js";
import { isLong, Mailbox, nowOf, orchestration } from "./durable.js";
import { APPROVAL, WAKE } from "./names.js";

/** Between two reminders. */
const REMIND_MS = 2 * DAY_MS;

/**
 * Puts a question to people, in Teams where it is set up, reminds them, asks others when they do not decide, and carries
 * out their answer, or the configured one when none comes.
 */
orchestration({
  name: APPROVAL,
  input: z.object({ question: questionSchema }),
  *run(ctx, { question }) {
    const mailbox = new Mailbox(ctx, WAKE);
    const ref = { approvalId: question.id };
    const cards = new Cards(ctx, question.id);
    const { dueAt, policy } = yield* openApproval(ctx, { question });
    const escalateAt = policy.escalateAt ?? Number.POSITIVE_INFINITY;
    while (!isLong(ctx)) {
      const approval = yield* observeApproval(ctx, ref);
      const { status, answer, reminders, escalatedAt } = approval;
      if (status === "answered" || status === "timedOut") yield* carryOutAnswer(ctx, ref);
      // A place in Teams that is away must not keep anybody waiting: it is tried again between everything else.
      const showAgainAt = yield* cards.show(approval);
      if (status !== "pending") {
        yield* cards.finish(approval);
        return answer ?? status;
      }
      const remindAt = question.at + (reminders + 1) * REMIND_MS;
      const escalatesAt = escalatedAt === null ? escalateAt : Number.POSITIVE_INFINITY;
      const nextAt = Math.min(remindAt, dueAt, escalatesAt, showAgainAt);
      if (nowOf(ctx) < nextAt && (yield* mailbox.next(nextAt))) continue;
      const now = nowOf(ctx);
      // Each is looked at again first, for an answer may have come before.
      if (now >= dueAt) yield* timeOutApproval(ctx, ref);
      else if (now >= escalatesAt) yield* escalateApproval(ctx, ref);
      // Reminders that were missed are one.
      else if (now >= remindAt)
        yield* remindApproval(ctx, { ...ref, reminders: Math.floor((now - question.at) / REMIND_MS) });
    }
    ctx.df.continueAsNew({ question });
    return undefined;
  },
});
