import type { Timer } from "../time/clock.js";
import { type BatchResult, runBatch } from "./entity-batch.js";
import { type BaseHead, Instance, type ToSend } from "./instance.js";
import type { EntityRequest, Envelope } from "./messages.js";
import type { Services } from "./services.js";
import type { IndexRow, StoredInstance } from "./store.js";

export interface EntityHead extends BaseHead {
  readonly kind: "entity";
  readonly exists: boolean;
  /** JSON text. */
  readonly state: string | null;
  readonly lock?: { readonly id: string; readonly parent: string };
}

type EntityState = Omit<EntityHead, "origin" | "seq" | "marks">;
type Operation = Envelope & { readonly message: { readonly kind: "operation"; readonly request: EntityRequest } };

/** Longest pause before a batch that failed as a whole is tried again, milliseconds of domain time. */
const MAX_BACKOFF_MS = 60_000;

/** A durable entity: one batch at a time, locks granted in order of arrival (functions-host.md §2.10, §4.11). */
export class Entity extends Instance<EntityHead> {
  #state: EntityState;
  #failures = 0;
  #pausedUntil = 0;
  readonly #alarms = new Map<number, Timer>();

  constructor(id: string, services: Services) {
    super(id, services);
    const now = new Date(services.clock.now()).toISOString();
    this.#state = { kind: "entity", exists: false, state: null, created: now, updated: now };
  }

  static restored(id: string, services: Services, stored: StoredInstance, settled: number): Entity {
    const instance = new Entity(id, services);
    const { head } = instance.restore(stored, settled);
    if (head !== undefined) {
      const { origin: _origin, seq: _seq, marks: _marks, ...state } = head;
      instance.#state = state;
    }
    return instance;
  }

  get state(): Readonly<EntityState> {
    return this.#state;
  }

  get ready(): boolean {
    return this.inbox.length > 0;
  }

  /** Nothing queued, nothing under way. */
  get idle(): boolean {
    return this.settled && this.#state.lock === undefined;
  }

  /** Deleted, and nobody may still repeat a message. */
  get finished(): boolean {
    return this.idle && !this.#state.exists && !this.remembers;
  }

  summary(): Pick<IndexRow, "name" | "status" | "created" | "updated"> {
    const { exists, created, updated } = this.#state;
    return { name: this.id, status: exists ? "Running" : "Deleted", created, updated };
  }

  resume(): void {
    if (this.ready) this.services.wake(this);
  }

  async step(): Promise<void> {
    const now = this.services.clock.now();
    if (now < this.#pausedUntil) return;
    const turn = this.#take(now);
    const batch = turn.operations.map((envelope) => envelope.message.request);
    const result = batch.length === 0 ? undefined : await this.#run(batch);
    if (result === "failed") return;
    await this.#commit(turn, result, now);
    this.services.settle(this);
  }

  async #commit(turn: EntityTurn, result: BatchResult | undefined, now: number): Promise<void> {
    const granted = this.#grant(turn.lockRequest);
    const lock = granted?.lock ?? turn.lock;
    const consumed: Envelope[] = [...turn.gone, ...turn.operations];
    if (turn.lockRequest !== undefined) consumed.push(turn.lockRequest);
    const gone = new Set(consumed);
    const rest = this.inbox.filter((envelope) => !gone.has(envelope));
    // What waits for a lock or for its hour must not depend on the sender; what comes next in line may.
    const held = rest.filter((envelope) => lock !== undefined || isLater(envelope, now));
    const unsaved = held.some((envelope) => envelope.row === undefined);
    if (consumed.length === 0 && !unsaved) return;
    const { lock: _former, ...former } = this.#state;
    const next: EntityState = {
      ...former,
      ...(result === undefined ? {} : { exists: result.exists, state: result.state }),
      ...(lock === undefined ? {} : { lock }),
      updated: new Date(now).toISOString(),
    };
    const send = [...(result?.send ?? []), ...(granted?.send ?? [])];
    await this.commit({ head: next, put: [], drop: [], consumed, held, send }, () => {
      this.#state = next;
    });
    this.#setAlarms(now);
    if (turn.more || lock !== turn.lock || turn.released) this.services.wake(this);
  }

  /** Chooses what to do now. A lock request ends a batch; a lock lets only its owner in. */
  #take(now: number): EntityTurn {
    const gone: Envelope[] = [];
    let { lock } = this.#state;
    let released = false;
    const releasedIds = new Set<string>();
    for (const envelope of this.inbox) {
      if (envelope.message.kind === "operation") continue;
      gone.push(envelope);
      if (envelope.message.kind !== "release") continue;
      releasedIds.add(envelope.message.id);
      if (lock?.id !== envelope.message.id) continue;
      lock = undefined;
      released = true;
    }
    const operations: Operation[] = [];
    let lockRequest: Operation | undefined;
    let more = false;
    for (const envelope of this.inbox) {
      if (!isOperation(envelope) || isLater(envelope, now)) continue;
      const { request } = envelope.message;
      if (request.lockset !== undefined && releasedIds.has(request.id)) gone.push(envelope);
      else if (lock !== undefined && (request.parent !== lock.parent || request.lockset !== undefined)) continue;
      else if (operations.length >= this.services.options.maxEntityBatch) {
        more = true;
        break;
      } else if (request.lockset === undefined) operations.push(envelope);
      else {
        lockRequest = envelope;
        break;
      }
    }
    return { gone, operations, lockRequest, lock, released, more };
  }

  async #run(batch: readonly EntityRequest[]): Promise<BatchResult | "failed"> {
    try {
      this.services.countExecution();
      const { exists, state } = this.#state;
      const result = await runBatch(this.services, this.id, { exists, state }, batch);
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#pause(error);
      return "failed";
    }
  }

  /** The messages stay; the batch is tried again later. */
  #pause(error: unknown): void {
    const wait = Math.min(1000 * 2 ** this.#failures++, MAX_BACKOFF_MS);
    const why = error instanceof Error ? error.message : String(error);
    this.services.log(
      "error",
      `Entity ${this.id} failed as a whole: ${why}. Its messages are kept; next try in ${wait} ms.`,
    );
    this.#pausedUntil = this.services.clock.now() + wait;
    this.services.clock.at(this.#pausedUntil, () => this.services.wake(this));
  }

  /** Locks for the requester and passes the request on, or tells the requester that it holds all its locks. */
  #grant(envelope: Operation | undefined): { lock?: EntityHead["lock"]; send: ToSend[] } | undefined {
    if (envelope === undefined) return undefined;
    const { request } = envelope.message;
    const { id, parent = "", parentExecution, lockset = [], pos = 0 } = request;
    if (!this.services.isActive(parent, parentExecution)) return undefined;
    const next = lockset[pos + 1];
    const granted = {
      kind: "event",
      name: id,
      input: '{"result":null}',
      ...(parentExecution === undefined ? {} : { executionId: parentExecution }),
    } as const;
    const send: ToSend =
      next === undefined
        ? { to: parent, message: granted }
        : { to: next, message: { kind: "operation", request: { ...request, pos: pos + 1 } } };
    return { lock: { id, parent }, send: [send] };
  }

  #setAlarms(now: number): void {
    for (const envelope of this.inbox) {
      if (!isLater(envelope, now) || this.#alarms.has(envelope.order)) continue;
      const timer = this.services.clock.at(dueOf(envelope), () => {
        this.#alarms.delete(envelope.order);
        this.services.wake(this);
      });
      this.#alarms.set(envelope.order, timer);
    }
  }
}

interface EntityTurn {
  /** Releases and requests that are void. */
  readonly gone: Envelope[];
  readonly operations: Operation[];
  readonly lockRequest: Operation | undefined;
  readonly lock: EntityHead["lock"];
  readonly released: boolean;
  readonly more: boolean;
}

const isOperation = (envelope: Envelope): envelope is Operation => envelope.message.kind === "operation";

const dueOf = (envelope: Envelope): number =>
  isOperation(envelope) && envelope.message.request.due !== undefined ? Date.parse(envelope.message.request.due) : 0;

const isLater = (envelope: Envelope, now: number): boolean => dueOf(envelope) > now;
