import type { Delivery, EventContext, Sender } from "rhea";
import { accepted, plain, rejected, swapGuid } from "../amqp.js";
import { BrokerError, Condition } from "../broker-error.js";
import { encodeMessage } from "../encoding.js";
import type { Consumer, Handover, MessageQueue } from "../queue.js";
import type { Runtime } from "../runtime.js";
import type { OwnedSession } from "../session-table.js";
import { creditLimit, roomFor, settleForGood } from "./rhea-internals.js";

/** The settle mode in which deliveries are sent settled: receive and delete. */
const SETTLED = 1;

/** A client's receiver: hands it messages as it gives credit, and applies what it decides about them. */
export class ReceiverLink implements Consumer {
  readonly receiveAndDelete: boolean;
  /** Deliveries handed to rhea plus credit drained, to compare with the limit the peer has set. */
  #used = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly queue: MessageQueue,
    private readonly sender: Sender,
    readonly holder: object,
    readonly session: OwnedSession | undefined,
  ) {
    this.receiveAndDelete = sender.snd_settle_mode === SETTLED;
    sender.on("sender_flow", () => runtime.act(() => runtime.wake(queue)));
    sender.on("sender_draining", () => this.#drain());
    sender.on("accepted", ({ delivery }) => this.#settle(delivery, (token) => queue.complete(token)));
    sender.on("released", ({ delivery }) => this.#settle(delivery, (token) => queue.unlock(token)));
    sender.on("modified", ({ delivery }) => this.#settle(delivery, (token) => this.#modify(token, delivery)));
    sender.on("rejected", ({ delivery }) => this.#settle(delivery, (token) => this.#reject(token, delivery)));
  }

  credit(): number {
    return Math.min(creditLimit(this.sender) - this.#used, roomFor(this.sender));
  }

  deliver(handovers: readonly Handover[]): void {
    this.#used += handovers.length;
    for (const { message, lock } of handovers) {
      const tag = lock === undefined ? undefined : swapGuid(lock.token);
      this.sender.send(encodeMessage(message, this.queue.timeToLive(message), lock?.until), tag, 0);
    }
  }

  /** Nothing is left to deliver at this instant: the unused credit goes back. */
  #drain(): void {
    this.runtime.act(() => this.runtime.wake(this.queue));
    this.#used = creditLimit(this.sender);
    this.sender.set_drained(true);
  }

  #modify(token: Buffer, delivery: Delivery | undefined): void {
    const outcome = delivery?.remote_state;
    const changes = changesOf(outcome?.message_annotations);
    if (outcome?.undeliverable_here === true) this.queue.defer(token, changes);
    else this.queue.abandon(token, changes);
  }

  #reject(token: Buffer, delivery: Delivery | undefined): void {
    this.queue.deadLetter(token, changesOf(delivery?.remote_state?.error?.info));
  }

  /** Applies a decision and confirms it; the client waits for the confirmation. */
  #settle(delivery: EventContext["delivery"], decide: (token: Buffer) => void): void {
    if (delivery === undefined || this.receiveAndDelete) return;
    try {
      this.runtime.act(() => decide(swapGuid(Buffer.from(delivery.tag as Buffer))));
      settleForGood(delivery, accepted());
    } catch (error) {
      const { condition, message } = lostWithSession(BrokerError.from(error), this.session);
      settleForGood(delivery, rejected(condition, message));
    }
  }
}

function lostWithSession(error: BrokerError, session: OwnedSession | undefined): BrokerError {
  if (session === undefined || error.condition !== Condition.messageLockLost) return error;
  return new BrokerError(
    Condition.sessionLockLost,
    `The lock of session '${session.id}' has expired. Accept it again.`,
  );
}

function changesOf(map: unknown): Record<string, unknown> {
  const value = plain(map);
  return typeof value === "object" && value !== null ? { ...value } : {};
}
