import { randomUUID } from "node:crypto";
import type { Connection, EventContext, Message, Receiver, Sender } from "rhea";

/** Requests to a node that answers them, such as `$cbs` or an entity's `$management`. */
export class Requests {
  readonly #replyTo = `replies-${randomUUID()}`;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #waiting = new Map<string, (answer: Message | Error) => void>();

  constructor(connection: Connection, node: string) {
    this.#receiver = connection.open_receiver({ source: { address: node }, target: { address: this.#replyTo } });
    this.#sender = connection.open_sender({ target: { address: node } });
    this.#receiver.on("message", ({ message }: EventContext) => message && this.#answered(message));
    for (const event of ["receiver_error", "sender_error"]) {
      const onError = (context: EventContext) => this.fail(describe(context, `The link to ${node} was refused.`));
      this.#receiver.on(event, onError);
      this.#sender.on(event, onError);
    }
  }

  /** Throws when the node answers with an error or the link breaks. */
  async send(operation: Readonly<Record<string, unknown>>, body: unknown): Promise<Message> {
    const id = randomUUID();
    const answer = new Promise<Message | Error>((resolve) => this.#waiting.set(id, resolve));
    await this.#sendable();
    this.#sender.send({ message_id: id, reply_to: this.#replyTo, application_properties: { ...operation }, body });
    const result = await answer;
    if (result instanceof Error) throw result;
    return result;
  }

  /** Ends all requests under way. */
  fail(error: Error): void {
    for (const resolve of this.#waiting.values()) resolve(error);
    this.#waiting.clear();
  }

  #sendable(): Promise<void> {
    if (this.#sender.sendable()) return Promise.resolve();
    return new Promise((resolve) => this.#sender.once("sendable", () => resolve()));
  }

  #answered(message: Message): void {
    const id = String(message.correlation_id);
    const properties = message.application_properties ?? {};
    const status = Number(properties.statusCode ?? properties["status-code"]);
    const reason = properties.statusDescription ?? properties["status-description"];
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(status >= 200 && status < 300 ? message : new Error(`Service Bus answered ${status}: ${String(reason)}`));
  }
}

/** The reason why a link or connection ended, as an Error. */
export function describe(context: EventContext | Error, fallback: string): Error {
  if (context instanceof Error) return context;
  const error = context.error ?? context.receiver?.error ?? context.sender?.error ?? context.connection?.error;
  if (error === undefined) return new Error(fallback);
  const { condition, description } = error as { condition?: string; description?: string };
  const text = description ?? (error instanceof Error ? error.message : fallback);
  return new Error(condition === undefined ? text : `${condition}: ${text}`);
}
