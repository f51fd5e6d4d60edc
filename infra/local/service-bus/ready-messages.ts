import type { StoredMessage } from "./message.js";
import { SequenceQueue } from "./sequence-queue.js";

/** Key of everything in a queue without sessions. */
const NO_SESSION = "";

/** The messages that can be handed out now, in order, per session where the queue has sessions. */
export class ReadyMessages {
  readonly #queues = new Map<string, SequenceQueue<StoredMessage>>();

  constructor(private readonly bySession: boolean) {}

  add(message: StoredMessage): void {
    const key = this.bySession ? (message.sessionId ?? NO_SESSION) : NO_SESSION;
    const queue = this.#queues.get(key) ?? new SequenceQueue<StoredMessage>();
    queue.add(message);
    this.#queues.set(key, queue);
  }

  take(session: string | undefined): StoredMessage | undefined {
    const key = session ?? NO_SESSION;
    const queue = this.#queues.get(key);
    const message = queue?.take();
    if (queue?.size === 0) this.#queues.delete(key);
    return message;
  }

  has(session: string | undefined): boolean {
    return this.#queues.has(session ?? NO_SESSION);
  }

  /** Sessions with messages, the one with the oldest message first. */
  sessions(): string[] {
    const oldest = (queue: SequenceQueue<StoredMessage>) => queue.first?.sequence ?? 0;
    return [...this.#queues].sort(([, a], [, b]) => oldest(a) - oldest(b)).map(([id]) => id);
  }
}
