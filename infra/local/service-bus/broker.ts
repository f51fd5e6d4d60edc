import { mkdirSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { dirname } from "node:path";
import type { Connection, EventContext } from "rhea";
import type { Clock } from "../time/clock.js";
import { type EntityConfig, parseEntities } from "./config.js";
import { FileJournal } from "./journal.js";
import { brokerContainer, ClientConnection } from "./links/client-connection.js";
import { Namespace } from "./namespace.js";
import { type PeekedMessage, peeked } from "./peeked.js";
import { Runtime } from "./runtime.js";

export interface BrokerOptions {
  /** Domain time: scheduled messages, time to live, duplicate detection. Locks live in wall time. */
  readonly clock: Clock;
  readonly entities: readonly EntityConfig[];
  /** File in which messages survive; absent = they live in memory only. */
  readonly journal?: string;
  /** TCP port on 127.0.0.1; absent or 0 = any free one. */
  readonly port?: number;
  /** Unsettled deliveries a session may hold, default 65,536; an expired lock keeps its place until the client answers. */
  readonly maxUnsettled?: number;
}

export interface EntityCounts {
  readonly active: number;
  readonly deferred: number;
  readonly scheduled: number;
  readonly deadLettered: number;
}

const SESSION_INCOMING = 2048;
const SESSION_OUTGOING = 65_536;

/** An AMQP 1.0 broker with the semantics of Azure Service Bus, for one machine (functions-host.md §7). */
export class Broker {
  readonly #clients = new Set<ClientConnection>();
  readonly #runtime: Runtime;
  readonly #namespace: Namespace;
  readonly #server: Server;
  #stopped: Promise<void> | undefined;

  private constructor(runtime: Runtime, namespace: Namespace, port: number, maxUnsettled: number) {
    this.#runtime = runtime;
    this.#namespace = namespace;
    const container = brokerContainer();
    container.on("connection_open", ({ connection }: EventContext) => this.#welcome(connection));
    container.on("error", () => undefined);
    container.on("disconnected", () => undefined);
    const session_buffer_size = { incoming: SESSION_INCOMING, outgoing: maxUnsettled };
    this.#server = container.listen({ port, host: "127.0.0.1", session_buffer_size });
  }

  /** Replays the journal, if one is configured, and listens. Throws `invalid_input` for a wrong configuration. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const runtime = new Runtime(options.clock);
    const namespace = new Namespace(runtime, parseEntities(options.entities));
    if (options.journal !== undefined) {
      mkdirSync(dirname(options.journal), { recursive: true });
      runtime.journal = FileJournal.open(options.journal, namespace, (record) => namespace.restore(record));
      runtime.act(() => namespace.recover());
    }
    const broker = new Broker(runtime, namespace, options.port ?? 0, options.maxUnsettled ?? SESSION_OUTGOING);
    await listening(broker.#server);
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connectionString(): string {
    const key = "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=local";
    return `Endpoint=sb://127.0.0.1:${this.port};${key};UseDevelopmentEmulator=true;`;
  }

  /** Disconnects everybody. What they had in hand is available again at the next start. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#clients) client.cut();
    await closed;
    this.#namespace.stop();
    this.#runtime.journal.close();
  }

  /** Grows with every message in, delivery and settlement. */
  activity(): number {
    return this.#runtime.activity;
  }

  /** No delivery is unsettled, and no message waits on an entity that has a receiver. */
  isQuiet(): boolean {
    return this.#namespace.allQueues().every((queue) => queue.unsettled === 0 && !queue.deliverable);
  }

  /** From now on messages are accepted but not delivered. */
  hold(): void {
    this.#runtime.hold();
  }

  release(): void {
    this.#runtime.release();
  }

  /** Messages of a queue, or of a subscription `t/Subscriptions/s`. A topic itself holds scheduled ones only. */
  counts(address: string): EntityCounts {
    const queue = this.#namespace.findQueue(address);
    const { active, deferred } = queue?.store.counts() ?? { active: 0, deferred: 0 };
    const scheduled = this.#namespace.scheduled(address).length;
    return { active, deferred, scheduled, deadLettered: queue?.deadLetters?.store.size ?? 0 };
  }

  /** The first messages of a queue, subscription or dead-letter queue, decoded, without touching them. */
  peek(address: string, max = 100): PeekedMessage[] {
    return this.#namespace.queue(address).store.list().slice(0, max).map(peeked);
  }

  #welcome(connection: Connection): void {
    const client = new ClientConnection(this.#runtime, this.#namespace, connection);
    this.#clients.add(client);
    for (const end of ["disconnected", "connection_close"]) connection.on(end, () => this.#clients.delete(client));
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
}
