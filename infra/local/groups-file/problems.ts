import { z } from "zod";
import type { GroupFileText } from "./file-text.js";

const problemSchema = z.object({
  field: z.string().optional(),
  rule: z.string().optional(),
  limit: z.union([z.string(), z.number()]).optional(),
  message: z.string().optional(),
});
const answerSchema = problemSchema.extend({
  detail: z.string().optional(),
  problems: z.array(problemSchema).optional(),
});
type Problem = z.infer<typeof problemSchema>;

/** What to do about an answer that the host or the platform gave: only the app itself gives reasons. */
const WITHOUT_REASON: Readonly<Record<number, string>> = {
  401: `the function key is missing or wrong. Give it with --key or in RINGMASTER_KEY. "npm start" prints it behind "?code=" in the line "Console:" and keeps it as "functionKey" in .ringmaster/world.json (or in the folder of --state); in Azure the function app shows it under "App keys".`,
  403: "the app lets nobody in from here. Look whether the function app is stopped, and whether its access restrictions admit this machine.",
};

/** What to do about a refusal of the app itself: without a token the role of the key decides. */
const KEY_ROLE =
  "groups: this command acts with the role that the app setting API_KEY_ROLE gives to the function key, or with that of --token; it needs Administrator.";

/**
 * A refusal of the app as lines for people: file, line, field, what is wrong, and the rule with its limit; for a caller
 * who is not let in, what to do.
 */
export function problemLines(text: GroupFileText, body: unknown, status: number): string[] {
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success || (parsed.data.detail === undefined && parsed.data.problems === undefined)) {
    const advice = WITHOUT_REASON[status];
    return [`groups: the app answered ${status}${advice === undefined ? " without saying why." : `: ${advice}`}`];
  }
  const { problems, detail, ...only } = parsed.data;
  const lines = (problems ?? [{ ...only, message: detail }]).map((problem) => line(text, problem));
  return status === 401 || status === 403 ? [...lines, KEY_ROLE] : lines;
}

/** The line for an app that cannot be reached, with the cause that fetch gives, and what to do. */
export function unreachableLine(origin: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // Where a name has several addresses, the cause has a code and no message.
  const reason = cause instanceof Error ? cause.message || ("code" in cause ? cause.code : cause.name) : cause;
  return `groups: ${origin} cannot be reached (${reason}). Start the app ("npm start"), or name its address with --url.`;
}

function line(text: GroupFileText, { field, rule, limit, message = "" }: Problem): string {
  if (field === undefined || field === "") return `groups: ${message}`;
  const named = rule === undefined ? "" : ` (rule ${rule}${limit === undefined ? "" : `, limit ${limit}`})`;
  const place = `${text.file}:${text.lineOf(field)}`;
  // The detail of a single refusal begins with its field already.
  return `${place}: ${message.startsWith(field) ? "" : `${field}: `}${message}${named}`;
}
