import {
  MAX_SIGNAL_BYTES,
  SIGNAL_TYPE_PREFIX,
  type SignalKind,
  type SignalSubject,
  signalSchema,
  subjectOf,
} from "./signal.js";

/** Why a signal is refused. A refused signal disturbs nothing else; it is counted and sent to `signals-rejected`. */
export const RejectReason = {
  malformed: "malformed",
  tooLarge: "tooLarge",
  future: "future",
  tooOld: "tooOld",
  unknownRelease: "unknownRelease",
  unknownDevice: "unknownDevice",
} as const;
export type RejectReason = (typeof RejectReason)[keyof typeof RejectReason];

/** Clocks of devices may be this far ahead of ours, ms. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** A message as it came: its text or the JSON value that the host made of it. */
export interface RawSignal {
  readonly body: unknown;
  /** When the queue took it, domain time, ms; the time of the fold when unknown. */
  readonly enqueuedAt?: number;
}

/** A signal that is well formed, in the units the ledger counts in. */
export interface Signal extends SignalSubject {
  readonly deviceId: string;
  readonly kind: SignalKind;
  readonly attempt: number;
  readonly sequence: number;
  /** Domain time, ms. */
  readonly at: number;
  /** Domain time, ms; never after the fold. */
  readonly receivedAt: number;
  readonly errorCode?: string;
}

export interface Rejection {
  readonly reason: RejectReason;
  /** What was wrong, for the person who reads the queue of rejected signals. */
  readonly message: string;
  readonly body: unknown;
  /** The release the signal was about, when that much is known. */
  readonly releaseId?: string;
}

export type Intake = { readonly signal: Signal } | { readonly rejection: Rejection };

/**
 * Reads one message.
 * @param now domain time, ms
 */
export function readSignal(raw: RawSignal, now: number): Intake {
  const bytes = Buffer.byteLength(textOf(raw.body));
  if (bytes > MAX_SIGNAL_BYTES) {
    return reject(raw, "tooLarge", `The event has ${bytes} bytes; at most ${MAX_SIGNAL_BYTES} are accepted.`);
  }
  const parsed = signalSchema.safeParse(jsonOf(raw.body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return reject(raw, "malformed", `Not a device signal at "${issue?.path.join(".")}": ${issue?.message}`);
  }
  const { time, type, data } = parsed.data;
  const at = Date.parse(time);
  if (at > now + MAX_CLOCK_SKEW_MS) {
    return reject(raw, "future", `The event's time ${time} is more than 5 minutes ahead of the service's.`);
  }
  const { deviceId, attempt, sequence, errorCode } = data;
  const signal: Signal = {
    ...subjectOf(data),
    deviceId,
    attempt,
    sequence,
    kind: type.slice(SIGNAL_TYPE_PREFIX.length) as SignalKind,
    at,
    receivedAt: raw.enqueuedAt !== undefined && raw.enqueuedAt <= now ? raw.enqueuedAt : now,
    ...(errorCode === undefined ? {} : { errorCode: errorCode.toLowerCase() }),
  };
  return { signal };
}

/** A message's body as text, whatever the host made of it. */
export function textOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString("utf8");
  return typeof body === "string" ? body : (JSON.stringify(body) ?? "");
}

/** A message's body as a JSON value, whatever the host made of it; undefined when it is no JSON. */
export function jsonOf(body: unknown): unknown {
  if (typeof body !== "string" && !Buffer.isBuffer(body)) return body;
  try {
    return JSON.parse(textOf(body));
  } catch {
    return undefined;
  }
}

function reject(raw: RawSignal, reason: RejectReason, message: string): Intake {
  return { rejection: { reason, message, body: raw.body } };
}
