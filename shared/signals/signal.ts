import { z } from "zod";

/**
 * A device signal: what an agent on a device reports about one update. CloudEvents 1.0 in JSON, one event per Service
 * Bus message of the queue `signals`. `attempt` counts installation attempts of this update on this device from 1;
 * `sequence` counts this device's signals for the attempt from 1. Together they order a device's own reports, whatever
 * order they arrive in.
 */
export const SignalKind = {
  offered: "offered",
  downloading: "downloading",
  installStarted: "install-started",
  restartPending: "restart-pending",
  installed: "installed",
  failed: "failed",
  rolledBack: "rolled-back",
  safeguardBlocked: "safeguard-blocked",
} as const;
export type SignalKind = (typeof SignalKind)[keyof typeof SignalKind];

export const SIGNAL_TYPE_PREFIX = "ringmaster.update.";
export const SIGNALS_QUEUE = "signals";
export const REJECTED_SIGNALS_QUEUE = "signals-rejected";

/** Largest accepted event, bytes of UTF-8 JSON. */
export const MAX_SIGNAL_BYTES = 4_096;

const kinds = Object.values(SignalKind) as [SignalKind, ...SignalKind[]];

export const signalSchema = z.object({
  specversion: z.literal("1.0"),
  /** Unique per event; also the Service Bus message id. `<deviceId>:<kb>:<attempt>:<sequence>` by convention. */
  id: z.string().min(1).max(200),
  /** `/devices/<Entra deviceId>` */
  source: z.string().min(1).max(200),
  type: z.enum(kinds.map((kind) => `${SIGNAL_TYPE_PREFIX}${kind}`) as [string, ...string[]]),
  /** When it happened on the device, domain time. */
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json").optional(),
  data: z.object({
    /** Entra deviceId, lower-case GUID. */
    deviceId: z.guid().transform((id) => id.toLowerCase()),
    /** The update this is about, e.g. `KB5039212`. */
    kb: z.string().regex(/^KB\d{6,8}$/),
    /** The build the update brings, e.g. `10.0.22631.3737`. */
    build: z.string().regex(/^10\.0\.\d{5}\.\d{1,6}$/),
    attempt: z.int().min(1).max(1000),
    sequence: z.int().min(1).max(10_000),
    /** Windows error code of a failure, e.g. `0x800f0922`. */
    errorCode: z
      .string()
      .regex(/^0x[0-9a-fA-F]{8}$/)
      .optional(),
  }),
});

export type SignalEvent = z.infer<typeof signalSchema>;
