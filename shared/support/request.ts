import { z } from "zod";
import { HOUR_MS } from "../calendar/days.js";
import { AppError } from "../errors.js";
import { ALL_SEVERITIES } from "./severity.js";

/** What a request is about. The reference names the field and not its values (autopatch.md §11): these are our own. */
export const IssueType = {
  deviceRegistration: "deviceRegistration",
  deviceReadiness: "deviceReadiness",
  qualityUpdates: "qualityUpdates",
  autopatchGroups: "autopatchGroups",
  policies: "policies",
  reports: "reports",
  tenant: "tenant",
  other: "other",
} as const;
export type IssueType = (typeof IssueType)[keyof typeof IssueType];

export const SupportStatus = { open: "open", mitigated: "mitigated", closed: "closed" } as const;
export type SupportStatus = (typeof SupportStatus)[keyof typeof SupportStatus];

const text = z.string().trim().min(1).max(4_000);

const contactSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  email: z.email().max(254),
  phone: z.string().max(30).optional(),
});

/** A request as somebody writes it. */
export const requestForm = z.strictObject({
  description: text,
  severity: z.enum(ALL_SEVERITIES),
  issueType: z.enum(IssueType),
  primaryContact: contactSchema,
});
export type RequestForm = z.infer<typeof requestForm>;

/** What is said with an act upon a request; a comment must say something. */
export const commentForm = z.strictObject({ text });
export const actForm = z.strictObject({ text: text.optional() });

export const Act = {
  open: "open",
  comment: "comment",
  mitigate: "mitigate",
  reactivate: "reactivate",
  close: "close",
} as const;
export type Act = (typeof Act)[keyof typeof Act];

const entrySchema = z.object({
  /** ms, as are the other instants. */
  at: z.number(),
  by: z.object({ id: z.string(), name: z.string() }),
  act: z.enum(Act),
  text: z.string().nullable(),
});
export type HistoryEntry = z.infer<typeof entrySchema>;

export const requestSchema = requestForm.extend({
  id: z.string(),
  status: z.enum(SupportStatus),
  mitigatedAt: z.number().nullable(),
  history: z.array(entrySchema),
});
export type SupportRequest = z.infer<typeof requestSchema>;

/** A mitigated request may be taken up again for so long (autopatch.md §11). */
export const REACTIVATION_HOURS = 24;
/** Months after its last entry in which a request that is over can be read. */
export const HISTORY_MONTHS = 6;
/** Most entries of a request. */
const MOST_ENTRIES = 500;

/** How a request stands at `now` (ms): mitigated for more than a day, it is closed. */
export function statusAt({ status, mitigatedAt }: SupportRequest, now: number): SupportStatus {
  const isOver = mitigatedAt !== null && now > mitigatedAt + REACTIVATION_HOURS * HOUR_MS;
  return status === SupportStatus.mitigated && isOver ? SupportStatus.closed : status;
}

/** Statuses in which each act is possible, and the status after it; null: the same. */
const RULES: Readonly<Record<Exclude<Act, "open">, { from: readonly SupportStatus[]; to: SupportStatus | null }>> = {
  comment: { from: ["open", "mitigated"], to: null },
  mitigate: { from: ["open"], to: "mitigated" },
  reactivate: { from: ["mitigated"], to: "open" },
  close: { from: ["open", "mitigated"], to: "closed" },
};

/** A new request, opened by its first entry. */
export function opened(id: string, form: RequestForm, entry: Pick<HistoryEntry, "at" | "by">): SupportRequest {
  const history = [{ ...entry, act: Act.open, text: null }];
  return { ...form, id, status: SupportStatus.open, mitigatedAt: null, history };
}

/**
 * The request after an act.
 * @throws AppError `conflict` in a status that does not allow it: a request can be reactivated within 24 hours after it
 *   was mitigated, and no more after that
 */
export function acted(
  request: SupportRequest,
  act: Exclude<Act, "open">,
  entry: Omit<HistoryEntry, "act">,
): SupportRequest {
  const status = statusAt(request, entry.at);
  const { from, to } = RULES[act];
  if (!from.includes(status)) throw refusal(request, act, status);
  if (request.history.length >= MOST_ENTRIES) {
    throw new AppError("rule_violated", `The request has ${MOST_ENTRIES} entries. Close it and open another.`, {
      details: { rule: "entries", limit: MOST_ENTRIES },
    });
  }
  const mitigatedAt = act === Act.mitigate ? entry.at : act === Act.reactivate ? null : request.mitigatedAt;
  return { ...request, status: to ?? request.status, mitigatedAt, history: [...request.history, { ...entry, act }] };
}

function refusal({ id, mitigatedAt }: SupportRequest, act: Act, status: SupportStatus): AppError {
  const late =
    act === Act.reactivate && mitigatedAt !== null
      ? ` It could be reactivated within ${REACTIVATION_HOURS} hours after it was mitigated. Open another request.`
      : "";
  const limit = late === "" ? {} : { rule: "reactivation", limit: REACTIVATION_HOURS };
  return new AppError("conflict", `The support request ${id} is ${status}; ${act} is not possible.${late}`, {
    details: { status, ...limit },
  });
}

/** Whether the request was over, and its last entry written, more than six months before `now` (ms). */
export function isPastRetention(request: SupportRequest, now: number): boolean {
  if (statusAt(request, now) !== SupportStatus.closed) return false;
  const since = new Date(now);
  const day = since.getUTCDate();
  since.setUTCDate(1);
  since.setUTCMonth(since.getUTCMonth() - HISTORY_MONTHS);
  // The last day of a shorter month stands for days that it does not have.
  const daysOfMonth = new Date(Date.UTC(since.getUTCFullYear(), since.getUTCMonth() + 1, 0)).getUTCDate();
  since.setUTCDate(Math.min(day, daysOfMonth));
  return Math.max(...request.history.map(({ at }) => at)) < since.getTime();
}
