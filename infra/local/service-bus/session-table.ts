import { wall } from "../../../shared/wall.js";
import { BrokerError, Condition } from "./broker-error.js";
import type { JournalRecord } from "./journal.js";
import type { Runtime } from "./runtime.js";

/** A session while somebody owns it. It is the holder of the locks of its messages. */
export interface OwnedSession {
  readonly id: string;
  /** Wall time, milliseconds since the epoch. */
  until: number;
  cancel: () => void;
  /** Called when the lock expires. */
  readonly onLost: () => void;
}

/** Session locks (wall time, in memory) and session states (durable) of one queue. */
export class SessionTable {
  readonly #owned = new Map<string, OwnedSession>();
  readonly #states = new Map<string, Buffer>();

  constructor(
    private readonly runtime: Runtime,
    private readonly entity: string,
    private readonly lockMs: number,
  ) {}

  isOwned(id: string): boolean {
    return this.#owned.has(id);
  }

  /** Locks a session. Throws `session-cannot-be-locked` when somebody else has it. */
  acquire(id: string, onLost: () => void): OwnedSession {
    if (this.#owned.has(id)) {
      throw new BrokerError(
        Condition.sessionCannotBeLocked,
        `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    const session: OwnedSession = { id, until: 0, cancel: () => undefined, onLost };
    this.#owned.set(id, session);
    this.#arm(session);
    return session;
  }

  release(session: OwnedSession): void {
    session.cancel();
    if (this.#owned.get(session.id) === session) this.#owned.delete(session.id);
  }

  /** Extends the session's lock; returns its new end in wall time. Throws `session-lock-lost` when nobody owns it. */
  renew(id: string): number {
    const session = this.owned(id);
    session.cancel();
    return this.#arm(session);
  }

  /** Throws `session-lock-lost` when nobody owns the session. */
  owned(id: string): OwnedSession {
    const session = this.#owned.get(id);
    if (session !== undefined) return session;
    throw new BrokerError(Condition.sessionLockLost, `The lock of session '${id}' has expired. Accept it again.`);
  }

  state(id: string): Buffer | undefined {
    this.owned(id);
    return this.#states.get(id);
  }

  setState(id: string, state: Buffer | undefined): void {
    this.owned(id);
    const session = { op: "session", entity: this.entity, session: id } as const;
    this.runtime.record({ ...session, state: state?.toString("base64") ?? null });
    this.restoreState(id, state);
  }

  restoreState(id: string, state: Buffer | undefined): void {
    if (state === undefined) this.#states.delete(id);
    else this.#states.set(id, state);
  }

  withState(): string[] {
    return [...this.#states.keys()];
  }

  *snapshot(): Iterable<JournalRecord> {
    for (const [session, state] of this.#states) {
      yield { op: "session", entity: this.entity, session, state: state.toString("base64") };
    }
  }

  clear(): void {
    for (const session of this.#owned.values()) session.cancel();
    this.#owned.clear();
  }

  #arm(session: OwnedSession): number {
    session.until = wall.now() + this.lockMs;
    session.cancel = wall.after(this.lockMs, () => session.onLost());
    return session.until;
  }
}
