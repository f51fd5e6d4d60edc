import { parseConnectionString } from "./service-bus/connection-string.js";
import { Listener } from "./service-bus/listener.js";

export interface ReceivedMessage {
  /** The body as UTF-8 text. */
  readonly body: unknown;
  /** Trigger metadata under PascalCase names (functions-host.md §1.9). */
  readonly metadata: Record<string, unknown>;
}

export interface ListenOptions {
  readonly connectionString: string;
  /** `q` or `t/Subscriptions/s`, either with `/$DeadLetterQueue`. */
  readonly address: string;
  /** Most messages of one batch; 1 for cardinality `one`. */
  readonly maxBatch: number;
  /** How long to wait for a batch to fill, wall milliseconds; 0 takes what is there. */
  readonly maxBatchWaitMs: number;
  /** Most calls of `handle` under way at once. */
  readonly maxConcurrent: number;
  readonly cardinality: "one" | "many";
  /** Complete after success; otherwise the messages come back when their locks expire. */
  readonly autoComplete: boolean;
  readonly onError: (error: Error) => void;
  /** Resolves = the messages are completed; throws = all of them are abandoned. */
  readonly handle: (messages: ReceivedMessage[]) => Promise<void>;
}

export interface Listening {
  /** Takes no more messages and resolves when the handlers under way have ended and their messages are settled. */
  close(): Promise<void>;
  /** No message is in hand. */
  idle(): boolean;
  /** Grows with every message received and settled. */
  activity(): number;
}

/**
 * Receives from a queue or subscription until closed, reconnecting with growing pauses. A batch is exactly what is
 * available when its first message arrives, up to `maxBatch`. Resolves after the first attempt to connect; a failure
 * goes to `onError` and is tried again. Throws `invalid_input` for a connection string that cannot be read.
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const listener = new Listener(parseConnectionString(options.connectionString), options);
  await listener.start();
  return listener;
}
