import rhea, { type Typed } from "rhea";
import { plain, toNumber } from "../amqp.js";
import { BrokerError, Condition } from "../broker-error.js";
import type { Subscription } from "../entity.js";
import { type Filter, filterSchema, parseSql } from "../filter.js";
import type { ManagementRequest, Operation } from "./manage.js";

/** Descriptors of the lists in which rules travel. */
const Descriptor = {
  rule: 0x13700000004,
  action: 0x13700000005,
  sql: 0x1370000006,
  always: 0x1370000007,
  never: 0x1370000008,
  correlation: 0x1370000009,
} as const;

const CORRELATION_FIELDS = {
  correlationId: "correlation-id",
  messageId: "message-id",
  to: "to",
  replyTo: "reply-to",
  subject: "label",
  sessionId: "session-id",
  replyToSessionId: "reply-to-session-id",
  contentType: "content-type",
  properties: "properties",
} as const;

/** Operations on the rules of a subscription, by name without prefix. */
export const ruleOperations: Readonly<Record<string, Operation>> = {
  "add-rule": (request) => {
    const name = String(plain(request.body["rule-name"]));
    const { rules } = subscriptionOf(request);
    if (name in rules) throw new BrokerError(Condition.entityAlreadyExists, `There is a rule '${name}' already.`);
    setRules(request, { ...rules, [name]: filterOf(mapOf(request.body["rule-description"])) });
    return {};
  },

  "remove-rule": (request) => {
    const name = String(plain(request.body["rule-name"]));
    const { [name]: removed, ...rest } = subscriptionOf(request).rules;
    if (removed === undefined) throw new BrokerError(Condition.messagingEntityNotFound, `There is no rule '${name}'.`);
    setRules(request, rest);
    return {};
  },

  "enumerate-rules": (request) => {
    const skip = toNumber(request.body.skip ?? 0);
    const rules = Object.entries(subscriptionOf(request).rules).slice(skip, skip + toNumber(request.body.top));
    if (rules.length === 0) return undefined;
    return { rules: rules.map(([name, filter]) => ({ "rule-description": describeRule(name, filter) })) };
  },
};

function subscriptionOf({ namespace, address }: ManagementRequest): Subscription {
  const subscription = namespace.subscription(address);
  if (subscription !== undefined) return subscription;
  throw new BrokerError(Condition.invalidOperation, `${address} is no subscription: only subscriptions have rules.`);
}

function setRules(request: ManagementRequest, rules: Readonly<Record<string, Filter>>): void {
  const subscription = subscriptionOf(request);
  subscription.rules = rules;
  request.runtime.record({ op: "rules", entity: subscription.queue.path.toLowerCase(), rules });
}

function filterOf(description: Readonly<Record<string, unknown>>): Filter {
  const expression = mapOf(description["sql-filter"]).expression;
  const filter = typeof expression === "string" ? sqlFilter(expression) : correlationFilter(description);
  const parsed = filterSchema.safeParse(filter);
  if (parsed.success) return parsed.data;
  throw new BrokerError(Condition.argumentError, `The filter cannot be used: ${parsed.error.issues[0]?.message}.`);
}

function sqlFilter(sql: string): Filter {
  if (/^\s*1\s*=\s*1\s*$/.test(sql)) return true;
  if (/^\s*1\s*=\s*0\s*$/.test(sql)) return false;
  try {
    parseSql(sql);
    return { sql };
  } catch (error) {
    throw new BrokerError(Condition.argumentError, String(error));
  }
}

function correlationFilter(description: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const wanted = mapOf(description["correlation-filter"]);
  const fields = Object.entries(CORRELATION_FIELDS).map(([name, wire]) => [name, plain(wanted[wire])] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined && value !== null));
}

function mapOf(value: unknown): Record<string, unknown> {
  const map = plain(value);
  return typeof map === "object" && map !== null ? { ...map } : {};
}

function describeRule(name: string, filter: Filter): Typed {
  const action = described([], Descriptor.action);
  return described([describeFilter(filter), action, name], Descriptor.rule);
}

function describeFilter(filter: Filter): Typed {
  if (typeof filter === "boolean") return described([], filter ? Descriptor.always : Descriptor.never);
  if ("sql" in filter) return described([filter.sql, 20], Descriptor.sql);
  const names = Object.keys(CORRELATION_FIELDS) as (keyof typeof CORRELATION_FIELDS)[];
  return described(
    names.map((name) => filter[name] ?? null),
    Descriptor.correlation,
  );
}

function described(list: unknown[], descriptor: number): Typed {
  return rhea.types.wrap_described(list, descriptor);
}
