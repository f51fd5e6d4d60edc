import { randomBytes } from "node:crypto";
import { wall } from "../../../shared/wall.js";
import { BrokerError, Condition } from "./broker-error.js";
import type { StoredMessage } from "./message.js";

export interface Lock {
  /** Sixteen bytes in plain UUID order. */
  readonly token: Buffer;
  readonly message: StoredMessage;
  /** Whoever loses the lock when it goes: a connection or a session. */
  readonly holder: object;
  /** Wall time, milliseconds since the epoch. */
  until: number;
  cancel: () => void;
}

/** The locks of one queue, by token. They live in wall time and in memory only. */
export class LockTable {
  readonly #locks = new Map<string, Lock>();

  constructor(
    private readonly durationMs: number,
    private readonly onExpired: (lock: Lock) => void,
  ) {}

  get size(): number {
    return this.#locks.size;
  }

  /** Locks a message; `until` given = somebody else (a session) watches the time. */
  lock(message: StoredMessage, holder: object, until?: number): Lock {
    const lock: Lock = { token: randomBytes(16), message, holder, until: until ?? 0, cancel: () => undefined };
    this.#locks.set(lock.token.toString("hex"), lock);
    if (until === undefined) this.#arm(lock);
    return lock;
  }

  /** The lock of a token. Throws `message-lock-lost` when it has expired or was settled. */
  get(token: Buffer): Lock {
    const lock = this.#locks.get(token.toString("hex"));
    if (lock !== undefined) return lock;
    throw new BrokerError(
      Condition.messageLockLost,
      "The lock supplied is invalid. Either the lock expired, or the message has already been settled.",
    );
  }

  /** Extends a lock by the full lock duration from now; returns its new end in wall time. */
  renew(token: Buffer): number {
    const lock = this.get(token);
    lock.cancel();
    return this.#arm(lock);
  }

  remove(lock: Lock): void {
    lock.cancel();
    this.#locks.delete(lock.token.toString("hex"));
  }

  heldBy(holder: object): Lock[] {
    return [...this.#locks.values()].filter((lock) => lock.holder === holder);
  }

  messages(): StoredMessage[] {
    return [...this.#locks.values()].map(({ message }) => message);
  }

  clear(): void {
    for (const lock of this.#locks.values()) lock.cancel();
    this.#locks.clear();
  }

  #arm(lock: Lock): number {
    lock.until = wall.now() + this.durationMs;
    lock.cancel = wall.after(this.durationMs, () => this.onExpired(lock));
    return lock.until;
  }
}
