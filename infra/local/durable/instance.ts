import type { Envelope, Message, Outgoing } from "./messages.js";
import { pad } from "./messages.js";
import type { Services } from "./services.js";
import type { IndexRow, Row, StoredInstance } from "./store.js";

/** What every head carries. */
export interface BaseHead {
  /** Identifies this partition as a sender; never reused. */
  readonly origin: string;
  /** Number of the next outgoing message. */
  readonly seq: number;
  /** Per sender, the highest message saved here; kept while the sender might send it again. */
  readonly marks: Readonly<Record<string, number>>;
  /** ISO 8601, milliseconds. */
  readonly created: string;
  readonly updated: string;
}

export interface ToSend {
  readonly to: string;
  readonly message: Message;
}

/** One atomic step of an instance. */
export interface Step<H> {
  readonly head: Omit<H, "origin" | "seq" | "marks">;
  readonly put: Row[];
  readonly drop: string[];
  /** Messages that are done with. */
  readonly consumed: readonly Envelope[];
  /** Messages that stay in the inbox for long and must be saved there. */
  readonly held: readonly Envelope[];
  readonly send: readonly ToSend[];
}

interface OutboxRow {
  readonly key: string;
  readonly messages: readonly Outgoing[];
  missing: number;
}

/** A durable instance in memory: inbox, outbox and the rules that deliver each message exactly once. */
export abstract class Instance<H extends BaseHead = BaseHead> {
  readonly inbox: Envelope[] = [];
  /** Outbox rows with messages that have not arrived yet. */
  readonly #outbox = new Map<string, OutboxRow>();
  /** Outbox rows whose messages have all arrived, to be dropped with the next commit. */
  #spent: OutboxRow[] = [];
  readonly #marks = new Map<string, number>();
  #origin: string;
  #seq = 0;
  /** Whether the index tells a restarted host to read this instance. */
  indexed = false;
  /** Serialises index writes. */
  indexing: Promise<void> = Promise.resolve();
  /** Whether a step is waiting for its turn. */
  queued = false;
  #lock: Promise<void> = Promise.resolve();

  constructor(
    readonly id: string,
    protected readonly services: Services,
  ) {
    this.#origin = services.options.newId();
  }

  /** Works off the inbox; called by the scheduler, never twice at a time. */
  abstract step(): Promise<void>;
  /** Whether there is something that `step` would work on. */
  abstract get ready(): boolean;
  /** Whether nothing is left to do, so that the index may close it. */
  abstract get finished(): boolean;
  /** After recovery: start again what was running. */
  abstract resume(): void;
  abstract summary(): Pick<IndexRow, "name" | "status" | "created" | "updated">;

  /** One step, or one replacement, at a time. */
  exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#lock.then(run);
    this.#lock = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  get origin(): string {
    return this.#origin;
  }

  get seq(): number {
    return this.#seq;
  }

  get settled(): boolean {
    return this.inbox.length === 0 && this.#outbox.size === 0;
  }

  /** Takes a message in, unless it has been saved here before. */
  receive(envelope: Envelope): void {
    const { from } = envelope;
    if (from !== undefined && from.seq <= (this.#marks.get(from.origin) ?? -1)) {
      from.saved();
      return;
    }
    let at = this.inbox.length;
    while (at > 0 && (this.inbox[at - 1]?.order ?? 0) > envelope.order) at--;
    this.inbox.splice(at, 0, envelope);
    this.services.wake(this);
  }

  /** Saves a message from outside at once, so that it may be acknowledged, and takes it in. */
  async accept(message: Message): Promise<void> {
    const order = this.services.nextOrder();
    const row = inboxRow(order, message);
    await this.services.ensureOpen(this);
    await this.services.store.commit(this.id, { put: [row], drop: [] });
    this.receive({ order, message, row: row.key });
  }

  /** Saves a step, then makes it visible: removes what was consumed, tells the senders, delivers what is sent. */
  protected async commit(step: Step<H>, apply: () => void): Promise<void> {
    const marks = new Map(this.#marks);
    const put = [...step.put];
    const drop = [...step.drop];
    for (const envelope of [...step.consumed, ...step.held]) {
      if (envelope.from !== undefined && envelope.row === undefined) marks.set(envelope.from.origin, envelope.from.seq);
    }
    for (const envelope of step.consumed) if (envelope.row !== undefined) drop.push(envelope.row);
    const saved = step.held.filter((envelope) => envelope.row === undefined);
    put.push(...saved.map((envelope) => inboxRow(envelope.order, envelope.message)));
    const messages = step.send.map((send, i): Outgoing => ({ seq: this.#seq + i, ...send }));
    const out = { key: `o-${pad(this.#seq)}`, messages, missing: messages.length };
    if (messages.length > 0) put.push({ key: out.key, text: JSON.stringify(messages) });
    const spent = this.#spent;
    drop.push(...spent.map((row) => row.key));
    const seq = this.#seq + messages.length;

    await this.services.ensureOpen(this);
    const head = { ...step.head, origin: this.#origin, seq, marks: Object.fromEntries(marks) };
    await this.services.store.commit(this.id, { head: JSON.stringify(head), put, drop });

    this.#seq = seq;
    for (const envelope of saved) envelope.row = inboxKey(envelope.order);
    this.#spent = this.#spent.filter((row) => !spent.includes(row));
    this.#acknowledge(step.consumed, saved);
    this.#forgetAtReceivers(spent);
    apply();
    if (messages.length > 0) {
      this.#outbox.set(out.key, out);
      await this.#deliver(out);
    }
  }

  #acknowledge(consumed: readonly Envelope[], saved: readonly Envelope[]): void {
    const gone = new Set(consumed);
    const rest = this.inbox.filter((envelope) => !gone.has(envelope));
    this.inbox.splice(0, this.inbox.length, ...rest);
    for (const envelope of [...consumed, ...saved]) {
      const { from } = envelope;
      if (from === undefined) continue;
      if (from.seq > (this.#marks.get(from.origin) ?? -1)) this.#marks.set(from.origin, from.seq);
      from.saved();
    }
  }

  /** Drops messages without saving that: a repetition would be dropped again. */
  protected discard(envelopes: readonly Envelope[]): void {
    const gone = new Set(envelopes);
    this.inbox.splice(0, this.inbox.length, ...this.inbox.filter((envelope) => !gone.has(envelope)));
    for (const envelope of envelopes) envelope.from?.saved();
  }

  /** Sends what was saved to be sent. Also after recovery. */
  async redeliver(): Promise<void> {
    for (const row of [...this.#outbox.values()]) await this.#deliver(row);
  }

  async #deliver(row: OutboxRow): Promise<void> {
    for (const { seq, to, message } of row.messages) {
      let done = false;
      const saved = () => {
        if (done) return;
        done = true;
        row.missing--;
        if (row.missing === 0 && this.#outbox.delete(row.key)) {
          this.#spent.push(row);
          this.services.settle(this);
        }
      };
      await this.services.deliver(to, message, { origin: this.#origin, seq, saved });
    }
  }

  /** The rows are gone for good, so nobody needs to remember their messages any more. */
  #forgetAtReceivers(rows: readonly OutboxRow[]): void {
    const targets = new Set(rows.flatMap((row) => row.messages.map((message) => message.to)));
    for (const to of targets) if (!this.owes(to)) this.services.find(to)?.forget(this.#origin);
  }

  /** Whether a message to that instance is still in a saved outbox row. */
  owes(to: string): boolean {
    const rows = [...this.#outbox.values(), ...this.#spent];
    return rows.some((row) => row.messages.some((message) => message.to === to));
  }

  forget(origin: string): void {
    if (this.#marks.delete(origin)) this.services.settle(this);
  }

  /** Whether a sender might repeat a message that was saved here. */
  get remembers(): boolean {
    return this.#marks.size > 0;
  }

  /** The index has closed this instance: its outbox rows will never be read again. */
  closed(): void {
    const spent = this.#spent;
    this.#spent = [];
    this.#forgetAtReceivers(spent);
    this.#spent = spent;
  }

  /** Forgets the marks of senders that have nothing saved to send to this instance. */
  pruneMarks(owes: (origin: string, to: string) => boolean): void {
    for (const origin of this.#marks.keys()) if (!owes(origin, this.id)) this.#marks.delete(origin);
  }

  /** Takes over head fields, inbox and outbox as they were saved. Returns the head and the other rows. */
  protected restore(stored: StoredInstance, settledBelow: number): { head: H | undefined; rows: Row[] } {
    const head = stored.head === undefined ? undefined : (JSON.parse(stored.head) as H);
    if (head !== undefined) {
      this.#origin = head.origin;
      this.#seq = head.seq;
      for (const [origin, seq] of Object.entries(head.marks)) this.#marks.set(origin, seq);
    }
    const rest: Row[] = [];
    for (const row of stored.rows) {
      if (row.key.startsWith("i-")) {
        this.inbox.push({ ...(JSON.parse(row.text) as { order: number; message: Message }), row: row.key });
      } else if (row.key.startsWith("o-")) this.#restoreOutbox(row, settledBelow);
      else rest.push(row);
    }
    return { head, rows: rest };
  }

  #restoreOutbox(row: Row, settledBelow: number): void {
    const messages = JSON.parse(row.text) as Outgoing[];
    const open = messages.filter((message) => message.seq >= settledBelow);
    const restored = { key: row.key, messages, missing: open.length };
    if (open.length === 0) this.#spent.push(restored);
    else this.#outbox.set(row.key, restored);
  }
}

const inboxKey = (order: number): string => `i-${pad(order, 16)}`;

function inboxRow(order: number, message: Message): Row {
  return { key: inboxKey(order), text: JSON.stringify({ order, message }) };
}
