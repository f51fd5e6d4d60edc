import { z } from "zod";
import { WORDING } from "../shared/approvals/questions.js";
import { DAY_MS, HOUR_MS } from "../shared/calendar/days.js";
import {
  carryOutAnswer,
  observeApproval,
  openApproval,
  questionSchema,
  remindApproval,
  timeOutApproval,
} from "./activities/approval.js";
import { Mailbox, nowOf, orchestration } from "./durable.js";
import { APPROVAL, WAKE } from "./names.js";

/** Days between two reminders. */
const REMIND_DAYS = 2;

/** Puts a question to people, reminds them, and carries out their answer, or the configured one when none comes. */
orchestration({
  name: APPROVAL,
  input: z.object({ question: questionSchema }),
  *run(ctx, { question }) {
    const mailbox = new Mailbox(ctx, WAKE);
    const ref = { approvalId: question.id };
    const dueAt = question.at + WORDING[question.kind].timeOut.hours * HOUR_MS;
    yield* openApproval(ctx, { question, dueAt });
    for (let reminders = 1; ; ) {
      const approval = yield* observeApproval(ctx, ref);
      if (approval.status === "answered" || approval.status === "timedOut") yield* carryOutAnswer(ctx, ref);
      if (approval.status !== "pending") return approval.answer ?? approval.status;
      if (nowOf(ctx) >= dueAt) {
        // Looked at again, for an answer may have come first.
        yield* timeOutApproval(ctx, ref);
        continue;
      }
      const remindAt = question.at + reminders * REMIND_DAYS * DAY_MS;
      const woken = yield* mailbox.next(Math.min(remindAt, dueAt));
      if (!woken && nowOf(ctx) < dueAt) yield* remindApproval(ctx, { ...ref, reminders: reminders++ });
    }
  },
});
