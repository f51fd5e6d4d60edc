import rhea, { type AmqpError, type Connection, type EventContext, type link, type Receiver, type Sender } from "rhea";
import { BrokerError, Condition } from "../broker-error.js";
import { manage } from "../management/manage.js";
import { MANAGEMENT_SUFFIX, type Namespace } from "../namespace.js";
import type { MessageQueue } from "../queue.js";
import type { Runtime } from "../runtime.js";
import type { OwnedSession } from "../session-table.js";
import { ReceiverLink } from "./receiver-link.js";
import { Replies } from "./replies.js";
import { answerAttach, cut, receiveRaw } from "./rhea-internals.js";
import { serveSender } from "./sender-link.js";
import { acceptSession, wantsSession } from "./session-links.js";

const CBS = "$cbs";
const MANAGEMENT = new RegExp(`^(.*)${MANAGEMENT_SUFFIX.replace("$", "\\$")}$`, "i");

/** One client: routes its links to entities, and gives back what it had in hand when it goes. */
export class ClientConnection {
  readonly #replies = new Replies();
  /** What to undo when a link goes away. */
  readonly #endings = new Map<link, () => void>();

  constructor(
    private readonly runtime: Runtime,
    private readonly namespace: Namespace,
    private readonly connection: Connection,
  ) {
    connection.on("session_open", ({ session }: EventContext) => session && receiveRaw(session));
    connection.on("session_close", ({ session }: EventContext) => this.#endAll((one) => one.session === session));
    connection.on(
      "sender_open",
      ({ sender }: EventContext) => sender && this.#guard(sender, () => this.#receive(sender)),
    );
    connection.on("receiver_open", ({ receiver }: EventContext) => {
      if (receiver !== undefined) this.#guard(receiver, () => this.#send(receiver));
    });
    connection.on("sender_close", ({ sender }: EventContext) => this.#endAll((one) => one === sender));
    for (const event of ["connection_close", "disconnected"]) connection.on(event, () => this.end());
    for (const event of ["sender_error", "receiver_error", "session_error", "connection_error", "protocol_error"]) {
      connection.on(event, () => undefined);
    }
  }

  /** Drops the client as a dying process would. */
  cut(): void {
    cut(this.connection);
  }

  /** The client is gone: its sessions are free, its locked messages have failed one delivery. */
  end(): void {
    this.#endAll(() => true);
    this.runtime.act(() => {
      for (const queue of this.namespace.allQueues()) queue.releaseHolder(this);
    });
  }

  /** A client's sender attached. */
  #send(receiver: Receiver): void {
    const address = receiver.target?.address ?? "";
    answerAttach(receiver, { rcv_settle_mode: receiver.rcv_settle_mode, snd_settle_mode: receiver.snd_settle_mode });
    receiver.set_target({ address });
    receiver.set_source(receiver.source ?? {});
    const managed = MANAGEMENT.exec(address)?.[1];
    if (address.toLowerCase() === CBS) {
      this.#replies.serve(CBS, receiver, () => ({
        applicationProperties: { "status-code": 200, "status-description": "OK" },
      }));
    } else if (managed === undefined) {
      serveSender(this.runtime, this.namespace.intake(address), receiver);
    } else {
      this.#requireEntity(managed);
      const context = { runtime: this.runtime, namespace: this.namespace, holder: this };
      this.#replies.serve(address, receiver, (request) => manage(context, managed, request));
    }
  }

  /** A client's receiver attached. */
  #receive(sender: Sender): void {
    const address = sender.source?.address ?? "";
    answerAttach(sender, { rcv_settle_mode: sender.rcv_settle_mode, snd_settle_mode: sender.snd_settle_mode });
    sender.set_source({ address });
    sender.set_target(sender.target ?? { address: "" });
    const managed = MANAGEMENT.exec(address)?.[1];
    if (managed !== undefined) this.#requireEntity(managed);
    if (managed !== undefined || address.toLowerCase() === CBS) this.#replies.attach(address, sender);
    else this.#consume(this.namespace.queue(address), sender);
  }

  #consume(queue: MessageQueue, sender: Sender): void {
    if (queue.settings.requiresSession !== wantsSession(sender)) {
      const kind = queue.settings.requiresSession ? "requires sessions" : "has no sessions";
      throw new BrokerError(Condition.invalidOperation, `${queue.path} ${kind}: use the other kind of receiver.`);
    }
    if (queue.settings.requiresSession) this.#acceptSession(queue, sender);
    else this.#attach(queue, sender, undefined);
  }

  #acceptSession(queue: MessageQueue, sender: Sender): void {
    const giveUp = acceptSession(this.runtime, queue, sender, (session) => this.#attach(queue, sender, session));
    if (!this.#endings.has(sender)) this.#endings.set(sender, giveUp);
    this.runtime.act(() => this.runtime.wake(queue));
  }

  #attach(queue: MessageQueue, sender: Sender, session: OwnedSession | undefined): void {
    const consumer = new ReceiverLink(this.runtime, queue, sender, this, session);
    queue.attach(consumer);
    this.#endings.set(sender, () => {
      queue.detach(consumer);
      if (session === undefined) return;
      queue.sessions.release(session);
      queue.releaseHolder(session);
      this.runtime.wake(queue);
    });
  }

  #requireEntity(address: string): void {
    if (!this.namespace.has(address)) this.namespace.queue(address);
  }

  #endAll(which: (one: link) => boolean): void {
    this.runtime.act(() => {
      for (const [one, end] of this.#endings) {
        if (!which(one)) continue;
        this.#endings.delete(one);
        end();
      }
    });
  }

  /** Refuses a link as the service does: the attach is answered without terminus, then the link is closed. */
  #guard(endpoint: Sender | Receiver, open: () => void): void {
    try {
      open();
    } catch (error) {
      const { condition, message } = BrokerError.from(error);
      const refusal: AmqpError = { condition, description: message };
      answerAttach(endpoint, { source: undefined, target: undefined });
      endpoint.close(refusal);
    }
  }
}

/** A rhea container set up as a broker. */
export function brokerContainer(): ReturnType<typeof rhea.create_container> {
  const container = rhea.create_container({
    id: "service-bus",
    // Without it the second small frame of an answer waits for the client's delayed acknowledgement: 40 ms a batch.
    tcp_no_delay: true,
    sender_options: { autosettle: false, treat_modified_as_released: false },
    receiver_options: { autoaccept: false, credit_window: 1000 },
  });
  container.sasl_server_mechanisms.enable_anonymous();
  container.sasl_server_mechanisms.enable_plain(() => true);
  return container;
}
