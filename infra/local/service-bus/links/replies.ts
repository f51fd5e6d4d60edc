import rhea, { type EventContext, type Message, type Receiver, type Sender, type Typed } from "rhea";
import { accepted } from "../amqp.js";
import { settleForGood } from "./rhea-internals.js";

/** What a request-response node answers. */
export interface Reply {
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>> | Typed;
}

/** The reply links of one connection, by node and reply address ($cbs and $management speak request and response). */
export class Replies {
  readonly #senders = new Map<string, Sender>();

  attach(node: string, sender: Sender): void {
    const key = keyOf(node, sender.target?.address);
    this.#senders.set(key, sender);
    sender.on("accepted", ({ delivery }: EventContext) => delivery && settleForGood(delivery, accepted()));
    sender.on("sender_close", () => {
      if (this.#senders.get(key) === sender) this.#senders.delete(key);
    });
  }

  /** Answers every request that arrives on the link. */
  serve(node: string, receiver: Receiver, respond: (request: Message) => Reply): void {
    receiver.on("message", ({ message, delivery }: EventContext) => {
      const request = rhea.message.decode(message as unknown as Buffer) as unknown as Message;
      delivery?.update(true, accepted());
      this.#send(node, request, respond(request));
    });
  }

  #send(node: string, request: Message, reply: Reply): void {
    const to = request.reply_to;
    const sender = this.#senders.get(keyOf(node, to)) ?? this.#anyOf(node);
    if (sender === undefined) return;
    const correlation = request.message_id;
    sender.send({
      ...(correlation === undefined ? {} : { correlation_id: correlation }),
      ...(to === undefined ? {} : { to }),
      application_properties: { ...reply.applicationProperties },
      body: reply.body ?? {},
    });
  }

  #anyOf(node: string): Sender | undefined {
    for (const [key, sender] of this.#senders) if (key.startsWith(keyOf(node, ""))) return sender;
    return undefined;
  }
}

function keyOf(node: string, address: string | undefined): string {
  return `${node.toLowerCase()}\n${address ?? ""}`;
}
