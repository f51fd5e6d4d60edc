import rhea, { type Sender } from "rhea";
import { wall } from "../../../../shared/wall.js";
import { toNumber } from "../amqp.js";
import { BrokerError, Condition } from "../broker-error.js";
import type { MessageQueue } from "../queue.js";
import type { Runtime } from "../runtime.js";
import type { OwnedSession } from "../session-table.js";
import { answerAttach, postponeAttach } from "./rhea-internals.js";

const SESSION_FILTER = "com.microsoft:session-filter";
const DEFAULT_WAIT_MS = 60_000;

/** .NET ticks (100 ns) between year 1 and 1970. */
const TICKS_AT_EPOCH = 621_355_968_000_000_000n;

/** Whether the attach asks for a session, by name or any. */
export function wantsSession(sender: Sender): boolean {
  return SESSION_FILTER in (sender.source?.filter ?? {});
}

/**
 * Locks the session that an attaching receiver asks for, waiting for any free one when it names none, then calls
 * `ready`. Throws `session-cannot-be-locked` when the named one is taken. Returns a function that gives up waiting.
 */
export function acceptSession(
  runtime: Runtime,
  queue: MessageQueue,
  sender: Sender,
  ready: (session: OwnedSession) => void,
): () => void {
  const own = (id: string) => {
    const session: OwnedSession = queue.sessions.acquire(id, () => runtime.act(() => lose(queue, session, sender)));
    answer(sender, session);
    ready(session);
  };
  const wanted: unknown = sender.source.filter?.[SESSION_FILTER];
  if (typeof wanted === "string") {
    own(wanted);
    return () => undefined;
  }
  return awaitAny(queue, sender, own);
}

function awaitAny(queue: MessageQueue, sender: Sender, own: (id: string) => void): () => void {
  const attach = postponeAttach(sender);
  const stopWaiting = queue.awaitSession((id) => {
    cancelTimeout();
    own(id);
    attach();
    return true;
  });
  const cancelTimeout = wall.after(waitOf(sender), () => {
    stopWaiting();
    attach();
    sender.close({ condition: Condition.timeout, description: "No session with messages became available in time." });
  });
  return () => {
    cancelTimeout();
    stopWaiting();
  };
}

function answer(sender: Sender, { id, until }: OwnedSession): void {
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(until) * 10_000n + TICKS_AT_EPOCH);
  sender.set_source({ address: sender.source.address, filter: { [SESSION_FILTER]: id } });
  answerAttach(sender, { properties: { "com.microsoft:locked-until-utc": rhea.types.wrap_long(ticks) } });
}

function lose(queue: MessageQueue, session: OwnedSession, sender: Sender): void {
  queue.sessions.release(session);
  queue.releaseHolder(session);
  const { condition, message } = new BrokerError(Condition.sessionLockLost, `The lock of '${session.id}' has expired.`);
  sender.close({ condition, description: message });
}

function waitOf(sender: Sender): number {
  const asked = toNumber(sender.properties?.["com.microsoft:timeout"]);
  return Number.isFinite(asked) && asked > 0 ? asked : DEFAULT_WAIT_MS;
}
