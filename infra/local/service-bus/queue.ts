import { BrokerError, Condition } from "./broker-error.js";
import type { DeliverySettings } from "./config.js";
import type { JournalRecord } from "./journal.js";
import { type Lock, LockTable } from "./locks.js";
import { MessageState, type StoredMessage } from "./message.js";
import { MessageStore } from "./message-store.js";
import { ReadyMessages } from "./ready-messages.js";
import type { Pumpable, Runtime } from "./runtime.js";
import { type OwnedSession, SessionTable } from "./session-table.js";

/** A message on its way to a receiver; without a lock it is already deleted (receive and delete). */
export interface Handover {
  readonly message: StoredMessage;
  readonly lock?: Lock;
}

/** A receiver that is attached to the queue. */
export interface Consumer {
  /** Set for session receivers. */
  readonly session: OwnedSession | undefined;
  /** Holder of its locks when it has no session: the connection. */
  readonly holder: object;
  readonly receiveAndDelete: boolean;
  /** Messages it wants now. */
  credit(): number;
  deliver(handovers: readonly Handover[]): void;
}

/** Somebody waiting for any free session with messages; returns false when it is no longer interested. */
export type SessionWaiter = (sessionId: string) => boolean;

const EXPIRED = {
  DeadLetterReason: "TTLExpiredException",
  DeadLetterErrorDescription: "The message expired and was dead lettered.",
} as const;

type Changes = Readonly<Record<string, unknown>>;

/** What messages are received from: a queue, a subscription, or the dead-letter queue of either. */
export class MessageQueue implements Pumpable {
  readonly store: MessageStore;
  readonly sessions: SessionTable;
  readonly #ready: ReadyMessages;
  readonly #locks: LockTable;
  readonly #consumers = new Set<Consumer>();
  readonly #waiters = new Set<SessionWaiter>();

  constructor(
    private readonly runtime: Runtime,
    readonly path: string,
    readonly settings: DeliverySettings,
    readonly deadLetters?: MessageQueue,
  ) {
    const entity = path.toLowerCase();
    const lockMs = settings.lockDurationSeconds * 1000;
    this.store = new MessageStore(runtime, entity);
    this.sessions = new SessionTable(runtime, entity, lockMs);
    this.#ready = new ReadyMessages(settings.requiresSession);
    this.#locks = new LockTable(lockMs, (lock) => runtime.act(() => this.#fail(lock)));
  }

  get unsettled(): number {
    return this.#locks.size;
  }

  /** Messages that an attached receiver could have, whether or not it has credit. */
  get deliverable(): boolean {
    for (const { session } of this.#consumers) if (this.#ready.has(session?.id)) return true;
    return false;
  }

  put(message: StoredMessage): void {
    this.store.put(message);
    this.#offer(message);
  }

  attach(consumer: Consumer): void {
    this.#consumers.add(consumer);
    this.runtime.wake(this);
  }

  detach(consumer: Consumer): void {
    this.#consumers.delete(consumer);
  }

  awaitSession(waiter: SessionWaiter): () => void {
    this.#waiters.add(waiter);
    this.runtime.wake(this);
    return () => this.#waiters.delete(waiter);
  }

  /** Hands out what is ready; receivers take turns in going first. */
  pump(): void {
    this.#serveWaiters();
    for (const consumer of [...this.#consumers]) {
      const credit = consumer.credit();
      const handovers = credit > 0 ? this.#take(credit, consumer) : [];
      if (handovers.length === 0) continue;
      this.#consumers.delete(consumer);
      this.#consumers.add(consumer);
      consumer.deliver(handovers);
    }
  }

  complete(token: Buffer): void {
    const lock = this.#settle(token);
    this.store.remove([lock.message]);
  }

  /** Gives a message back after a failed delivery. */
  abandon(token: Buffer, changes: Changes): void {
    this.#fail(this.#locks.get(token), changes);
  }

  /** Gives a message back that nobody looked at: no delivery is counted. */
  unlock(token: Buffer): void {
    const { message } = this.#settle(token);
    this.store.update(message);
    this.#offer(message);
  }

  defer(token: Buffer, changes: Changes): void {
    const { message } = this.#settle(token);
    message.state = MessageState.deferred;
    this.store.update(message, changes);
  }

  deadLetter(token: Buffer, changes: Changes): void {
    if (this.deadLetters === undefined) {
      throw new BrokerError(Condition.invalidOperation, "A message in a dead-letter queue cannot be dead-lettered.");
    }
    this.#bury(this.#settle(token).message, changes);
  }

  /** New end of the lock, wall time. */
  renew(token: Buffer): number {
    return this.#locks.renew(token);
  }

  /** All that a lost connection or session had in hand counts as failed. */
  releaseHolder(holder: object): void {
    for (const lock of this.#locks.heldBy(holder)) this.#fail(lock);
  }

  /** Deferred messages by number. Throws `message-not-found` unless all are there and unlocked. */
  receiveDeferred(sequences: readonly number[], consumer: Omit<Consumer, "credit" | "deliver">): Handover[] {
    const locked = new Set(this.#locks.messages());
    const messages = sequences.map((sequence) => {
      const message = this.store.get(sequence);
      const free = message?.state === MessageState.deferred && !locked.has(message);
      if (free && (consumer.session === undefined || message.sessionId === consumer.session.id)) return message;
      throw new BrokerError(Condition.messageNotFound, `No deferred message has the sequence number ${sequence}.`);
    });
    return this.#handOver(messages, consumer);
  }

  /** Effective time to live of a message, milliseconds of domain time; dead letters never expire. */
  timeToLive(message: StoredMessage): number | undefined {
    if (this.deadLetters === undefined) return undefined;
    const { defaultTtlSeconds } = this.settings;
    const ttl = Math.min(message.timeToLive ?? Infinity, (defaultTtlSeconds ?? Infinity) * 1000);
    return Number.isFinite(ttl) ? ttl : undefined;
  }

  sessionIds(): string[] {
    return [...new Set([...this.#ready.sessions(), ...this.sessions.withState()])];
  }

  restore(record: JournalRecord): void {
    if (record.op !== "session") this.store.restore(record);
    else
      this.sessions.restoreState(
        record.session,
        record.state === null ? undefined : Buffer.from(record.state, "base64"),
      );
  }

  /** After a replay: everything is available again, what was with a receiver with one more failed delivery. */
  recover(): void {
    const interrupted = new Set(this.store.interrupted());
    for (const message of this.store.list()) {
      if (interrupted.has(message)) this.#returned(message);
      else this.#offer(message);
    }
  }

  *snapshot(): Iterable<JournalRecord> {
    yield* this.sessions.snapshot();
    yield* this.store.snapshot(this.#locks.messages());
  }

  stop(): void {
    this.#locks.clear();
    this.sessions.clear();
  }

  #offer(message: StoredMessage): void {
    if (message.state !== MessageState.active) return;
    this.#ready.add(message);
    this.runtime.wake(this);
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const free = this.#ready.sessions().find((id) => !this.sessions.isOwned(id));
      if (free === undefined) return;
      this.#waiters.delete(waiter);
      waiter(free);
    }
  }

  #take(max: number, consumer: Consumer): Handover[] {
    const messages: StoredMessage[] = [];
    while (messages.length < max) {
      const message = this.#ready.take(consumer.session?.id);
      if (message === undefined) break;
      if (this.#isExpired(message)) this.#expire(message);
      else messages.push(message);
    }
    return messages.length === 0 ? [] : this.#handOver(messages, consumer);
  }

  #handOver(messages: readonly StoredMessage[], consumer: Omit<Consumer, "credit" | "deliver">): Handover[] {
    this.runtime.moved(messages.length);
    if (consumer.receiveAndDelete) {
      this.store.remove(messages);
      return messages.map((message) => ({ message }));
    }
    this.store.recordLocks(messages);
    const { session, holder } = consumer;
    return messages.map((message) => ({ message, lock: this.#locks.lock(message, session ?? holder, session?.until) }));
  }

  #settle(token: Buffer): Lock {
    const lock = this.#locks.get(token);
    this.#locks.remove(lock);
    this.runtime.moved();
    return lock;
  }

  #fail(lock: Lock, changes: Changes = {}): void {
    this.#settle(lock.token);
    this.#returned(lock.message, changes);
  }

  #returned(message: StoredMessage, changes: Changes = {}): void {
    message.deliveryCount++;
    if (this.deadLetters !== undefined && message.deliveryCount >= this.settings.maxDeliveryCount) {
      this.#bury(message, {
        ...changes,
        DeadLetterReason: "MaxDeliveryCountExceeded",
        DeadLetterErrorDescription: `Message could not be consumed after ${message.deliveryCount} delivery attempts.`,
      });
      return;
    }
    this.store.update(message, changes);
    this.#offer(message);
  }

  #isExpired(message: StoredMessage): boolean {
    const ttl = this.timeToLive(message);
    return ttl !== undefined && message.enqueuedAt + ttl <= this.runtime.clock.now();
  }

  #expire(message: StoredMessage): void {
    if (this.settings.deadLetterOnExpiration) this.#bury(message, EXPIRED);
    else this.store.remove([message]);
  }

  #bury(message: StoredMessage, changes: Changes): void {
    this.store.update(message, changes);
    this.store.remove([message]);
    this.deadLetters?.put({ ...message, state: MessageState.active, deadLetterSource: this.path });
  }
}
