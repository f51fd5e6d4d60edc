import type { AppFunction } from "../app/functions.js";
import { fieldOf } from "../app/functions.js";
import type { TypedData } from "../app/model.js";
import type { HostConfig } from "../config/host-json.js";
import type { Settings } from "../config/settings.js";
import type { Invoker } from "../invocation/invoke.js";
import { encode, encodeBodies, encodeBody } from "../invocation/typed-data.js";
import type { Work } from "../invocation/work.js";
import { connectionOf } from "../outputs/service-bus.js";
import { StartError } from "../start-error.js";
import type { listen, ReceivedMessage } from "./service-bus.js";

export type Listen = typeof listen;
export type Listener = Awaited<ReturnType<Listen>>;

export interface ServiceBusDeps {
  readonly config: HostConfig["extensions"]["serviceBus"];
  readonly settings: Settings;
  readonly work: Work;
  readonly invoke: Invoker;
  readonly listen: Listen;
  readonly onError: (fn: AppFunction, error: Error) => void;
}

/** A Service Bus trigger ready to listen. */
export interface ServiceBusTrigger {
  readonly fn: AppFunction;
  start(): Promise<Listener>;
  /** Runs the function on a text that no queue holds. */
  runNow(text: string): Promise<void>;
}

/**
 * Reads a Service Bus trigger's options. One message (or one batch with cardinality `many`) is one invocation; when it
 * fails, its messages are abandoned (functions-host.md §1.9). Throws a StartError that names the option at fault.
 */
export function serviceBusTrigger(fn: AppFunction, deps: ServiceBusDeps): ServiceBusTrigger {
  const { trigger } = fn;
  const many = trigger.cardinality === "many";
  if (trigger.isSessionsEnabled === true) {
    throw new StartError(fieldOf(fn, "isSessionsEnabled"), "sessions are not supported by this host");
  }
  const address = addressOf(fn);
  const connectionString = connectionOf(fn, trigger.connection, deps.settings);
  const run = async (messages: readonly ReceivedMessage[]): Promise<void> => {
    const data = many ? encodeBodies(messages.map(({ body }) => body)) : encodeBody(messages[0]?.body);
    const metadata = many ? batchMetadata(messages) : encodeAll(messages[0]?.metadata ?? {});
    const outcome = await deps.work.exclusive(() => deps.invoke({ fn, data, metadata }));
    if (!outcome.ok) throw outcome.error ?? new Error("The function failed.");
  };
  return {
    fn,
    runNow: (text) => run([{ body: text, metadata: {} }]),
    start: () =>
      deps.listen({
        connectionString,
        address,
        maxBatch: many ? deps.config.maxMessageBatchSize : 1,
        maxBatchWaitMs: deps.config.minMessageBatchSize > 1 ? deps.config.maxBatchWaitTime : 0,
        maxConcurrent: many ? 1 : deps.config.maxConcurrentCalls,
        cardinality: many ? "many" : "one",
        autoComplete: trigger.autoCompleteMessages !== false && deps.config.autoCompleteMessages,
        onError: (error) => deps.onError(fn, error),
        handle: run,
      }),
  };
}

function addressOf(fn: AppFunction): string {
  const { queueName, topicName, subscriptionName } = fn.trigger;
  if (typeof queueName === "string" && queueName !== "") return queueName;
  if (typeof topicName !== "string" || topicName === "") {
    throw new StartError(fieldOf(fn, "queueName"), "neither a queue nor a topic is named");
  }
  if (typeof subscriptionName !== "string" || subscriptionName === "") {
    throw new StartError(fieldOf(fn, "subscriptionName"), "no subscription of the topic is named");
  }
  const [subscription, ...sub] = subscriptionName.split("/");
  return [topicName, "Subscriptions", subscription, ...sub].join("/");
}

function encodeAll(metadata: Readonly<Record<string, unknown>>): Record<string, TypedData> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encode(value)]));
}

/** With cardinality `many` each key is `<name>Array`, parallel to the bodies. */
function batchMetadata(messages: readonly ReceivedMessage[]): Record<string, TypedData> {
  const names = new Set(messages.flatMap(({ metadata }) => Object.keys(metadata)));
  return Object.fromEntries(
    [...names].map((name) => [`${name}Array`, encode(messages.map(({ metadata }) => metadata[name] ?? null))]),
  );
}
