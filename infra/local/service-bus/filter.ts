import { z } from "zod";

const value = z.union([z.string(), z.number(), z.boolean()]);

/** A subscription filter: everything, nothing, equal system and application properties, or a small SQL subset. */
export const filterSchema = z.union([
  z.boolean(),
  z.strictObject({ sql: z.string().max(1024) }),
  z.strictObject({
    correlationId: z.string().optional(),
    messageId: z.string().optional(),
    to: z.string().optional(),
    replyTo: z.string().optional(),
    subject: z.string().optional(),
    sessionId: z.string().optional(),
    replyToSessionId: z.string().optional(),
    contentType: z.string().optional(),
    properties: z.record(z.string(), value).optional(),
  }),
]);
export type Filter = z.infer<typeof filterSchema>;

/** What filters can see of a message. */
export interface Filterable {
  readonly system: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Whether the filter takes the message. Throws SyntaxError for SQL outside the subset. */
export function matches(filter: Filter, message: Filterable): boolean {
  if (typeof filter === "boolean") return filter;
  if ("sql" in filter) return parseSql(filter.sql)(message);
  const { properties = {}, ...system } = filter;
  return includes(message.system, system) && includes(message.properties, properties);
}

function includes(actual: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([key, expected]) => expected === undefined || actual[key] === expected);
}

type Predicate = (message: Filterable) => boolean;

const SYSTEM_NAMES: Readonly<Record<string, string>> = {
  label: "subject",
  subject: "subject",
  messageid: "messageId",
  correlationid: "correlationId",
  sessionid: "sessionId",
  replyto: "replyTo",
  replytosessionid: "replyToSessionId",
  to: "to",
  contenttype: "contentType",
};

const CLAUSE = /^\s*([\w.-]+|\[[^\]]+\])\s*(=|<>|!=)\s*('(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false)\s*$/i;

/** SQL-lite: equalities and inequalities of one property and one literal, joined by AND. Throws SyntaxError otherwise. */
export function parseSql(sql: string): Predicate {
  const clauses = sql.split(/\s+AND\s+/i).map(parseClause);
  return (message) => clauses.every((clause) => clause(message));
}

function parseClause(text: string): Predicate {
  const [, left, operator, right] = CLAUSE.exec(text) ?? [];
  if (left === undefined || right === undefined) {
    throw new SyntaxError(`This broker reads comparisons by = and <> joined by AND only, not: ${text}`);
  }
  const expected = literal(right);
  const equal: Predicate = (message) => operand(left, message) === expected;
  return operator === "=" ? equal : (message) => operand(left, message) !== undefined && !equal(message);
}

function operand(name: string, message: Filterable): unknown {
  if (/^-?\d/.test(name)) return Number(name);
  const bare = name.replace(/^\[|\]$/g, "");
  const system = /^sys\.(.+)$/i.exec(bare)?.[1];
  if (system !== undefined) return message.system[SYSTEM_NAMES[system.toLowerCase()] ?? system];
  return message.properties[bare.replace(/^user\./i, "")];
}

function literal(text: string): string | number | boolean {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : Number(text);
}
