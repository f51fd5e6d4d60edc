import { BrokerError, Condition } from "./broker-error.js";
import type { DeliverySettings, QueueSettings, SubscriptionSettings, TopicSettings } from "./config.js";
import { type Filter, matches } from "./filter.js";
import { filterable } from "./filterable.js";
import { type Destination, Intake } from "./intake.js";
import type { JournalRecord } from "./journal.js";
import { type Envelope, MessageState, type StoredMessage, sizeOf } from "./message.js";
import { MessageQueue } from "./queue.js";
import type { Runtime } from "./runtime.js";

const DEAD_LETTER_SUFFIX = "/$DeadLetterQueue";

/** A named subscription of a topic, with its rules. */
export interface Subscription {
  readonly queue: MessageQueue;
  rules: Readonly<Record<string, Filter>>;
}

/** A queue or topic: one intake and the queues that messages are received from. */
export interface Entity {
  readonly name: string;
  readonly intake: Intake;
  /** With dead-letter queues. */
  readonly queues: readonly MessageQueue[];
  readonly subscriptions: readonly Subscription[];
}

export function queueEntity(runtime: Runtime, settings: QueueSettings): Entity {
  const name = settings.queue;
  const queues = queueWithDeadLetters(runtime, name, settings);
  const [queue] = queues;
  const destination: Destination = {
    check: (envelope) => checkSession(name, settings, envelope),
    storedBytes: () => totalBytes(queues),
    admit(envelope, at, origin) {
      const sequence = intake.nextSequence();
      queue.put(stored(envelope, sequence, at, origin.enqueuedSequence));
      return sequence;
    },
  };
  const intake = new Intake(runtime, name.toLowerCase(), settings, destination);
  return { name, intake, queues, subscriptions: [] };
}

export function topicEntity(runtime: Runtime, settings: TopicSettings): Entity {
  const name = settings.topic;
  const subscriptions = settings.subscriptions.map((subscription) => ({
    queues: queueWithDeadLetters(runtime, `${name}/Subscriptions/${subscription.name}`, subscription),
    rules: subscription.rules ?? { $Default: true },
    settings: subscription,
  }));
  const exits: Subscription[] = subscriptions.map(({ queues: [queue], rules }) => ({ queue, rules }));
  const queues = subscriptions.flatMap((subscription) => subscription.queues);
  const destination: Destination = {
    check(envelope) {
      for (const { queue } of exits) checkSession(queue.path, queue.settings, envelope);
    },
    storedBytes: () => totalBytes(queues),
    admit(envelope, at, origin) {
      const sequence = intake.nextSequence();
      for (const { queue } of takers(exits, envelope)) {
        queue.put(stored(envelope, sequence, at, origin.enqueuedSequence));
      }
      return sequence;
    },
  };
  const intake = new Intake(runtime, name.toLowerCase(), settings, destination);
  return { name, intake, queues, subscriptions: exits };
}

/** Applies one journal entry that concerns the entity. */
export function restoreEntity(entity: Entity, record: JournalRecord): void {
  const { intake } = entity;
  if (record.op === "put") intake.raiseAbove(record.message.sequence);
  const own = record.entity === intake.entity;
  if (own && intake.restore(record)) return;
  if (own && record.op === "put" && record.message.state === MessageState.scheduled) {
    intake.restoreScheduled(record.message);
    return;
  }
  if (own && record.op === "delete" && record.sequences.every((sequence) => intake.schedule.forget(sequence))) return;
  if (record.op === "rules") {
    const subscription = entity.subscriptions.find(({ queue }) => queue.path.toLowerCase() === record.entity);
    if (subscription !== undefined) subscription.rules = record.rules;
    return;
  }
  entity.queues.find(({ path }) => path.toLowerCase() === record.entity)?.restore(record);
}

export function* snapshotEntity(entity: Entity): Iterable<JournalRecord> {
  yield* entity.intake.snapshot();
  for (const { queue, rules } of entity.subscriptions) yield { op: "rules", entity: queue.path.toLowerCase(), rules };
  for (const queue of entity.queues) yield* queue.snapshot();
}

function queueWithDeadLetters(
  runtime: Runtime,
  path: string,
  settings: QueueSettings | SubscriptionSettings,
): [MessageQueue, MessageQueue] {
  const { lockDurationSeconds, maxDeliveryCount } = settings;
  const forever: DeliverySettings = {
    lockDurationSeconds,
    maxDeliveryCount,
    deadLetterOnExpiration: false,
    requiresSession: false,
  };
  const deadLetters = new MessageQueue(runtime, `${path}${DEAD_LETTER_SUFFIX}`, forever);
  return [new MessageQueue(runtime, path, settings, deadLetters), deadLetters];
}

function takers(subscriptions: readonly Subscription[], envelope: Envelope): Subscription[] {
  const everything = (rules: Subscription["rules"]) => Object.values(rules).some((filter) => filter === true);
  const chosen = subscriptions.filter(({ rules }) => everything(rules));
  if (chosen.length === subscriptions.length) return chosen;
  const seen = filterable(envelope);
  return subscriptions.filter(({ rules }) => Object.values(rules).some((filter) => matches(filter, seen)));
}

function checkSession(path: string, settings: DeliverySettings, envelope: Envelope): void {
  if (!settings.requiresSession || envelope.sessionId !== undefined) return;
  throw new BrokerError(Condition.invalidOperation, `${path} requires sessions: set the session id of every message.`);
}

function totalBytes(queues: readonly MessageQueue[]): number {
  return queues.reduce((sum, queue) => sum + queue.store.bytes, 0);
}

/** The broker's own fields replace those that a scheduled message already carries. */
function stored(envelope: Envelope, sequence: number, at: number, enqueuedSequence = sequence): StoredMessage {
  const state = MessageState.active;
  return { ...envelope, sequence, enqueuedSequence, enqueuedAt: at, deliveryCount: 0, state };
}

/** Approximate bytes of the entity in a fresh journal. */
export function liveBytes(entity: Entity): number {
  const perMessage = 400;
  const scheduled = entity.intake.schedule.messages().reduce((sum, message) => sum + sizeOf(message) + perMessage, 0);
  return entity.queues.reduce((sum, { store }) => sum + store.bytes * 1.4 + store.size * perMessage, scheduled);
}
