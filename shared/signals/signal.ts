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

/** What a signal can be about; hotpatches are quality updates. Apps tell their versions in the daily inventory instead. */
export const SignalWorkload = { quality: "quality", feature: "feature", driver: "driver" } as const;
export type SignalWorkload = (typeof SignalWorkload)[keyof typeof SignalWorkload];

export const SIGNAL_TYPE_PREFIX = "ringmaster.update.";
export const SIGNALS_QUEUE = "signals";
export const REJECTED_SIGNALS_QUEUE = "signals-rejected";

/** Largest accepted event, bytes of UTF-8 JSON. */
export const MAX_SIGNAL_BYTES = 4_096;

const kinds = Object.values(SignalKind) as [SignalKind, ...SignalKind[]];

/** What signals about any kind of update say. */
const common = z.object({
  /** Entra deviceId, lower-case GUID. */
  deviceId: z.guid().transform((id) => id.toLowerCase()),
  attempt: z.int().min(1).max(1000),
  sequence: z.int().min(1).max(10_000),
  /** Windows error code of a failure, e.g. `0x800f0922`. */
  errorCode: z
    .string()
    .regex(/^0x[0-9a-fA-F]{8}$/)
    .optional(),
});

const quality = common.extend({
  workload: z.literal(SignalWorkload.quality).optional(),
  /** The update this is about, e.g. `KB5039212`. */
  kb: z.string().regex(/^KB\d{6,8}$/),
  /** The build the update brings, e.g. `10.0.22631.3737`. */
  build: z.string().regex(/^10\.0\.\d{5}\.\d{1,6}$/),
});

const feature = common.extend({
  workload: z.literal(SignalWorkload.feature),
  /** Name in the catalogue of feature updates, e.g. `Windows 11, version 24H2`. */
  update: z.string().regex(/^Windows 1[01], version \d{2}H[12]$/),
  /** The Windows version the update brings, without a revision, e.g. `10.0.26100`. */
  version: z.string().regex(/^10\.0\.\d{5}$/),
});

const driver = common.extend({
  workload: z.literal(SignalWorkload.driver),
  /** Id in the driver catalogue: 64 hexadecimal digits. */
  update: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .transform((id) => id.toLowerCase()),
  /** Version of the driver, e.g. `32.0.15.7713`. */
  version: z.string().regex(/^\d{1,9}(\.\d{1,9}){0,5}$/),
});

export const signalSchema = z.object({
  specversion: z.literal("1.0"),
  /** Unique per event; also the Service Bus message id. `<deviceId>:<update>:<attempt>:<sequence>` by convention. */
  id: z.string().min(1).max(200),
  /** `/devices/<Entra deviceId>` */
  source: z.string().min(1).max(200),
  type: z.enum(kinds.map((kind) => `${SIGNAL_TYPE_PREFIX}${kind}`) as [string, ...string[]]),
  /** When it happened on the device, domain time. */
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json").optional(),
  data: z.discriminatedUnion("workload", [quality, feature, driver]),
});

export type SignalEvent = z.infer<typeof signalSchema>;
export type SignalData = SignalEvent["data"];

/** Which update a signal is about, whatever the workload: `kb` is the key of the update, `build` its version. */
export interface SignalSubject {
  readonly workload: SignalWorkload;
  /** `KB5039212`, `Windows 11, version 24H2`, or the id of a driver. */
  readonly kb: string;
  /** `10.0.22631.3737`, `10.0.26100`, or the version of a driver. */
  readonly build: string;
}

/** The update that a signal's data name. */
export function subjectOf(data: SignalData): SignalSubject {
  if ("kb" in data) return { workload: SignalWorkload.quality, kb: data.kb, build: data.build };
  return { workload: data.workload, kb: data.update, build: data.version };
}

/** The names by which a signal's data mean an update: the other way round. */
export function namesOf({ workload, kb, build }: SignalSubject) {
  return workload === SignalWorkload.quality ? { kb, build } : { workload, update: kb, version: build };
}
