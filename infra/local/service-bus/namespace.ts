import { BrokerError, Condition } from "./broker-error.js";
import type { QueueSettings, TopicSettings } from "./config.js";
import {
  type Entity,
  liveBytes,
  queueEntity,
  restoreEntity,
  type Subscription,
  snapshotEntity,
  topicEntity,
} from "./entity.js";
import type { Intake } from "./intake.js";
import type { JournalRecord, JournalSource } from "./journal.js";
import type { StoredMessage } from "./message.js";
import type { MessageQueue } from "./queue.js";
import type { Runtime } from "./runtime.js";

export const MANAGEMENT_SUFFIX = "/$management";

/** All entities of the broker, found by AMQP address: case-insensitive, an optional leading slash or scheme and host. */
export class Namespace implements JournalSource {
  readonly entities: readonly Entity[];
  readonly #byName = new Map<string, Entity>();
  readonly #queues = new Map<string, MessageQueue>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(runtime: Runtime, settings: readonly (QueueSettings | TopicSettings)[]) {
    this.entities = settings.map((one) => ("queue" in one ? queueEntity(runtime, one) : topicEntity(runtime, one)));
    for (const entity of this.entities) {
      this.#byName.set(normalise(entity.name), entity);
      for (const queue of entity.queues) this.#queues.set(normalise(queue.path), queue);
      for (const one of entity.subscriptions) this.#subscriptions.set(normalise(one.queue.path), one);
    }
  }

  /** Where messages to the address go. Throws MessagingEntityNotFound. */
  intake(address: string): Intake {
    return this.#byName.get(normalise(address))?.intake ?? notFound(address);
  }

  /** The queue, subscription or dead-letter queue of an address. Throws MessagingEntityNotFound. */
  queue(address: string): MessageQueue {
    return this.#queues.get(normalise(address)) ?? notFound(address);
  }

  /** The same, or undefined for a topic. Throws MessagingEntityNotFound when there is neither. */
  findQueue(address: string): MessageQueue | undefined {
    return this.#byName.has(normalise(address)) ? this.#queues.get(normalise(address)) : this.queue(address);
  }

  /** What waits for its time on a queue or topic; nothing for addresses that cannot be sent to. */
  scheduled(address: string): StoredMessage[] {
    return this.#byName.get(normalise(address))?.intake.schedule.messages() ?? [];
  }

  subscription(address: string): Subscription | undefined {
    return this.#subscriptions.get(normalise(address));
  }

  has(address: string): boolean {
    return this.#byName.has(normalise(address)) || this.#queues.has(normalise(address));
  }

  allQueues(): MessageQueue[] {
    return [...this.#queues.values()];
  }

  restore(record: JournalRecord): void {
    const owner =
      this.#byName.get(record.entity) ??
      this.entities.find(({ queues }) => queues.some(({ path }) => path.toLowerCase() === record.entity));
    if (owner !== undefined) restoreEntity(owner, record);
  }

  recover(): void {
    for (const queue of this.#queues.values()) queue.recover();
  }

  liveBytes(): number {
    return this.entities.reduce((sum, entity) => sum + liveBytes(entity), 0);
  }

  *snapshot(): Iterable<JournalRecord> {
    for (const entity of this.entities) yield* snapshotEntity(entity);
  }

  stop(): void {
    for (const queue of this.#queues.values()) queue.stop();
    for (const { intake } of this.entities) intake.schedule.clear();
  }
}

function normalise(address: string): string {
  return address
    .replace(/^sb:\/\/[^/]+\//i, "")
    .replace(/^\/+/, "")
    .toLowerCase();
}

function notFound(address: string): never {
  throw new BrokerError(
    Condition.messagingEntityNotFound,
    `The messaging entity '${address}' could not be found. Add it to the broker's configuration.`,
  );
}
