import rhea, { type Connection, type Delivery, type EventContext, type Message, type Receiver } from "rhea";
import { wall } from "../../../../../shared/wall.js";
import { accepted, plain, swapGuid, toNumber } from "../../../service-bus/amqp.js";
import { type Namespace, sharedAccessSignature } from "./connection-string.js";
import { describe, Requests } from "./requests.js";

export interface Arrival {
  readonly message: Message;
  readonly delivery: Delivery;
}

/** What becomes of a delivery: done, failed, or given back untouched. */
export type Outcome = "complete" | "abandon" | "release";

const PEEK_LOCK = { snd_settle_mode: 0, rcv_settle_mode: 1 } as const;
const ATTACH_TIMEOUT_MS = 30_000;
const SESSION_BUFFER = { incoming: 8192, outgoing: 1024 };

/** One live, authorised connection with a receiver on one entity. It never reconnects; its owner opens another. */
export class Channel {
  /** Resolves with the reason when the connection or the receiver has ended. */
  readonly ended: Promise<Error>;
  readonly #connection: Connection;
  readonly #namespace: Namespace;
  readonly #address: string;
  #receiver: Receiver | undefined;
  #management: Requests | undefined;
  #arrived: Arrival[] = [];
  #failure: Error | undefined;
  #onChange: () => void = () => undefined;
  #drained = false;
  #stopped = false;
  #end: (reason: Error) => void = () => undefined;
  readonly #settling = new Map<Delivery, (error: Error | undefined) => void>();

  private constructor(
    namespace: Namespace,
    address: string,
    private readonly onArrival: () => void,
  ) {
    this.#namespace = namespace;
    this.#address = address;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#connection = rhea.create_container().connect({
      host: namespace.host,
      port: namespace.port,
      ...(namespace.tls ? { transport: "tls", servername: namespace.host } : { transport: "tcp" }),
      username: namespace.keyName,
      reconnect: false,
      idle_time_out: 60_000,
      session_buffer_size: SESSION_BUFFER,
      receiver_options: { credit_window: 100 },
    });
    for (const event of ["disconnected", "connection_close", "connection_error", "session_error", "error"]) {
      this.#connection.on(event, (context: EventContext) => this.#fail(context, "The connection was lost."));
    }
  }

  /** Connects, shows its token and attaches. `onArrival` runs for every delivery, before anybody takes it. */
  static async open(namespace: Namespace, address: string, onArrival: () => void): Promise<Channel> {
    const channel = new Channel(namespace, address, onArrival);
    const failed = channel.ended.then((reason) => Promise.reject(reason));
    failed.catch(() => undefined);
    const giveUp = wall.after(ATTACH_TIMEOUT_MS, () =>
      channel.#break(new Error("Service Bus did not answer in time.")),
    );
    try {
      await Promise.race([failed, channel.#attach()]);
      return channel;
    } finally {
      giveUp();
    }
  }

  /** Asks for one message and waits for it; undefined when the channel has ended or was told to stop. */
  async next(): Promise<Arrival | undefined> {
    while (this.#arrived.length === 0 && this.#failure === undefined && !this.#stopped) {
      this.#drained = false;
      this.#receiver?.add_credit(1);
      await this.#until(() => this.#arrived.length > 0 || this.#drained);
    }
    return this.#arrived.shift();
  }

  /** What is available once `wait` has ended, at most `max`; less waiting when there is enough before. */
  async available(max: number, wait: Promise<unknown>): Promise<Arrival[]> {
    this.#drained = false;
    this.#receiver?.add_credit(max);
    const full = () => this.#arrived.length >= max;
    await Promise.race([wait, this.#until(full)]);
    if (!full()) this.#receiver?.drain_credit();
    await this.#until(() => full() || this.#drained);
    this.#drained = false;
    if (this.#receiver !== undefined) this.#receiver.drain = false;
    return this.#arrived.splice(0);
  }

  /** Gives unused credit back: a pending `next` ends with what has come so far. */
  stopWaiting(): void {
    this.#stopped = true;
    this.#receiver?.drain_credit();
  }

  /** Settles a delivery and waits for the confirmation. Throws when the lock or the connection is lost. */
  async settle({ delivery }: Arrival, outcome: Outcome): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const confirmed = new Promise<Error | undefined>((resolve) => this.#settling.set(delivery, resolve));
    if (outcome === "complete") delivery.update(false, accepted());
    else if (outcome === "abandon") delivery.modified({ delivery_failed: true, undeliverable_here: false });
    else delivery.release();
    const error = await confirmed;
    if (error !== undefined) throw error;
  }

  /** Extends the lock of a delivery; returns its new end in wall time, milliseconds. */
  async renewLock({ delivery }: Arrival): Promise<number> {
    this.#management ??= new Requests(this.#connection, `${this.#address}/$management`);
    const tokens = rhea.types.wrap_array([swapGuid(delivery.tag as Buffer)], 0x98, undefined);
    const answer = await this.#management.send({ operation: "com.microsoft:renew-lock" }, { "lock-tokens": tokens });
    const expirations = plain((answer.body as Record<string, unknown>).expirations);
    return Array.isArray(expirations) ? toNumber(plain(expirations[0])) : 0;
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) this.#connection.close();
    await this.ended;
  }

  async #attach(): Promise<void> {
    const cbs = new Requests(this.#connection, "$cbs");
    void this.ended.then((reason) => cbs.fail(reason));
    const { audience, token } = sharedAccessSignature(this.#namespace, this.#address);
    await cbs.send({ operation: "put-token", type: "servicebus.windows.net:sastoken", name: audience }, token);
    const receiver = this.#connection.open_receiver({
      ...PEEK_LOCK,
      source: { address: this.#address },
      autoaccept: false,
      credit_window: 0,
    });
    this.#receiver = receiver;
    receiver.on("message", ({ message, delivery }: EventContext) => {
      if (message === undefined || delivery === undefined) return;
      this.#arrived.push({ message, delivery });
      this.onArrival();
      this.#onChange();
    });
    receiver.on("receiver_drained", () => {
      this.#drained = true;
      this.#onChange();
    });
    receiver.on("settled", ({ delivery }: EventContext) => delivery && this.#settled(delivery));
    for (const event of ["receiver_error", "receiver_close"]) {
      receiver.on(event, (context: EventContext) => this.#fail(context, "The receiver was closed."));
    }
    await new Promise((resolve) => receiver.once("receiver_open", resolve));
    // An attach without a source announces a refusal, which follows as a detach.
    if (!receiver.source?.address) throw await this.ended;
  }

  #settled(delivery: Delivery): void {
    const error: unknown = delivery.remote_state?.error;
    const { condition, description } = (error ?? {}) as { condition?: string; description?: string };
    this.#settling.get(delivery)?.(
      condition === undefined ? undefined : new Error(`${condition}: ${description ?? ""}`),
    );
    this.#settling.delete(delivery);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  #fail(context: EventContext, fallback: string): void {
    this.#break(describe(context, fallback));
  }

  #break(reason: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    this.#arrived = [];
    for (const resolve of this.#settling.values()) resolve(reason);
    this.#settling.clear();
    this.#management?.fail(reason);
    this.#end(reason);
    this.#onChange();
    this.#connection.close();
  }
}
