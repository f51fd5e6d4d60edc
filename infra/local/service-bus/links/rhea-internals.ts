import type { Socket } from "node:net";
import type { Connection, Delivery, link, Receiver, Sender, Session, Typed } from "rhea";

/**
 * What a broker must know of rhea's links and rhea keeps to itself. Everything that depends on its internals is here.
 */
interface Internals {
  credit: number;
  delivery_count: number;
  readonly local: { readonly attach: Record<string, unknown> };
  _process?: () => void;
  readonly connection: { _register(): void };
}

interface Transfer {
  readonly performative: { message_format: number | null | undefined };
}

interface SessionInternals {
  on_transfer(frame: Transfer): void;
  readonly outgoing: { available(): number };
}

const internals = (endpoint: link): Internals => endpoint as unknown as Internals;

/** The format under which plain messages are handed over undecoded; rhea would lose their AMQP types. */
const PLAIN_FORMAT = 1;

/** Makes every transfer of the session arrive as bytes. */
export function receiveRaw(session: Session): void {
  const inner = session as unknown as SessionInternals;
  const deliver = inner.on_transfer;
  inner.on_transfer = (frame) => {
    if (!frame.performative.message_format) frame.performative.message_format = PLAIN_FORMAT;
    deliver.call(inner, frame);
  };
}

/** Deliveries that the peer has allowed on this link since it was attached, sent or not. */
export function creditLimit(sender: Sender): number {
  const { credit, delivery_count } = internals(sender);
  return credit + delivery_count;
}

/** Room in the session for unsettled deliveries. */
export function roomFor(sender: Sender): number {
  return (sender.session as unknown as SessionInternals).outgoing.available();
}

/**
 * Settles a delivery that we sent, for good: once the sender has settled, both sides have forgotten it. rhea would keep
 * its place in the session until the receiver settles too, which receivers that settle second never announce.
 */
export function settleForGood(delivery: Delivery, outcome: Typed): void {
  delivery.update(true, outcome);
  Object.assign(delivery, { remote_settled: true });
}

/** Ends a connection at once; rhea cleans up after socket errors only. */
export function cut(connection: Connection): void {
  (connection.socket as Socket).destroy(new Error("The broker stops."));
}

/** Fields of the answering attach; effective only before it has been written (in the open event or while postponed). */
export function answerAttach(endpoint: Sender | Receiver, fields: Readonly<Record<string, unknown>>): void {
  Object.assign(internals(endpoint).local.attach, fields);
}

/** Keeps the answering attach back until the returned function is called. */
export function postponeAttach(endpoint: link): () => void {
  const inner = internals(endpoint);
  inner._process = () => undefined;
  return () => {
    delete inner._process;
    inner.connection._register();
  };
}
