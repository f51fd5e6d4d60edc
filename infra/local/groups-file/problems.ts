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

/** A refusal of the app as lines for people: file, line, field, what is wrong, and the rule with its limit. */
export function problemLines(text: GroupFileText, body: unknown, status: number): string[] {
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success || (parsed.data.detail === undefined && parsed.data.problems === undefined))
    return [`groups: the app answered ${status} without saying why.`];
  const { problems, detail, ...only } = parsed.data;
  return (problems ?? [{ ...only, message: detail }]).map((problem) => line(text, problem));
}

function line(text: GroupFileText, { field, rule, limit, message = "" }: Problem): string {
  if (field === undefined || field === "") return `groups: ${message}`;
  const named = rule === undefined ? "" : ` (rule ${rule}${limit === undefined ? "" : `, limit ${limit}`})`;
  const place = `${text.file}:${text.lineOf(field)}`;
  // The detail of a single refusal begins with its field already.
  return `${place}: ${message.startsWith(field) ? "" : `${field}: `}${message}${named}`;
}
