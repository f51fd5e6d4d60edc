import { z } from "zod";
import { GateDecision } from "../gate/gate.js";
import { GateMode, monitoringRuleSchema } from "../groups/group.js";
import { LedgerState } from "../ledger/state.js";
import { counts, instant, recorded } from "../schema.js";
import { SignalKind } from "../signals/signal.js";
import { Workload } from "../updates/update.js";
import type { Decision } from "./decisions.js";
import { HoldEnd } from "./holds.js";
import { ReleaseOutcome } from "./outcome.js";
import { RingStatus } from "./ring-status.js";

const verdict = z.enum(GateDecision);
const waiting = z.object({ ring: z.string(), left: z.int() });

const gateSchema = z.object({
  mode: z.enum(GateMode),
  limits: z.string().nullable().describe("What of the update nothing here can stop, and why; null: nothing."),
  verdict,
  since: instant.nullable(),
  pausedAt: instant.nullable(),
  pauseReason: z.string().nullable(),
  evidence: z
    .object({ e: z.number(), failures: z.number(), exposure: z.number(), toleratedRate: z.number() })
    .nullable()
    .describe("Evidence that more devices fail than is tolerated; null before anything was offered."),
  silence: z
    .object({ e: z.number(), verdict, overdue: z.number(), started: z.int(), stretch: z.number() })
    .nullable()
    .describe("What devices say that began to install and have not come back."),
  baseline: z.object({ p0: z.number(), p0Variation: z.number(), updates: z.number(), toleratedRate: z.number() }),
  offers: z
    .object({
      at: instant,
      method: z.string(),
      allowed: z.number(),
      waves: z.array(z.object({ ring: z.string(), devices: z.int(), last: z.boolean() })),
      waiting: z.array(waiting),
      harmBound: z.number(),
      stake: z.number(),
      upperRate: z.number(),
      limitedBy: z.enum(["failures", "silence", "hold"]),
    })
    .nullable()
    .describe("How many devices of the rings that wait may be offered the update now, and what limits it."),
  likelyIssues: z
    .object({
      rings: z.array(
        z.object({
          ring: z.string(),
          method: z.string(),
          devices: z.int(),
          outcomes: z.int(),
          failures: z.int(),
          since: instant.nullable(),
        }),
      ),
      quietSince: instant.nullable(),
      endedAt: instant.nullable(),
    })
    .nullable()
    .describe("Devices held because they are like those that failed."),
  holds: z.array(z.object({ id: z.string(), cohort: z.string(), since: instant.nullable() })),
});

/** What `releaseView` gives. */
export const releaseSchema = z
  .object({
    id: z.string(),
    group: z.object({ id: z.string(), name: z.string() }),
    update: z.object({
      workload: z.enum(Workload),
      name: z.string().describe("E.g. 2024.06 B."),
      displayName: z.string(),
      catalogEntryId: z.string(),
      releasedAt: instant,
      revisions: z.array(z.object({ version: z.string(), kb: z.string(), build: z.string() })),
    }),
    status: z.string(),
    outcome: z.enum(ReleaseOutcome).nullable(),
    needsPerson: z.boolean().describe("Nothing moves until a person decides."),
    gate: gateSchema,
    monitoringRule: monitoringRuleSchema.nullable(),
    expedite: z
      .object({
        id: z.string(),
        rebootDays: z.int().nullable(),
        since: instant.nullable(),
        endedAt: instant.nullable(),
      })
      .nullable()
      .describe("How it is or was expedited; rebootDays null: by the service, with 0/1/1."),
    ending: z
      .object({
        outcome: z.enum(ReleaseOutcome).exclude(["paused", "completed"]),
        at: instant.nullable(),
        by: z.string(),
        justification: z.string().optional(),
      })
      .nullable(),
    problem: z.string().nullable(),
    startedAt: instant,
    endedAt: instant.nullable(),
    approvalsAsked: z.int(),
    rejectedSignals: counts.optional().describe("Refused signals about it, by reason."),
  })
  .meta({ id: "Release" });

/** What `ringView` gives. */
export const ringSchema = z
  .object({
    ring: z.int().describe("Place among the rings, from 0."),
    name: z.string(),
    status: z.enum(RingStatus),
    opensAt: instant,
    targetAt: instant.nullable(),
    sloAt: instant.nullable(),
    sloDays: z.int().nullable(),
    deferralDays: z.int(),
    deadlineDays: z.int().nullable(),
    graceDays: z.int().nullable(),
    openedAt: instant.nullable(),
    completedAt: instant.nullable(),
    waves: z.object({ planned: z.int(), granted: z.int().nullable(), opened: z.int() }),
    pausedUntil: instant.nullable(),
    problem: z.string().nullable(),
    percentUpToDate: z.number().nullable(),
    size: z.int().describe("held + notOffered + offered"),
    held: z.int(),
    notOffered: z.int(),
    offered: z.int().describe("open + upToDate + failed + rolledBack"),
    open: z.int(),
    upToDate: z.int(),
    failed: z.int(),
    rolledBack: z.int(),
  })
  .meta({ id: "ReleaseRing" });

/** A release with its rings. */
export const fullReleaseSchema = releaseSchema.extend({ rings: z.array(ringSchema) }).meta({ id: "ReleaseWithRings" });

const logEntry = z.object({
  attempt: z.int(),
  sequence: z.int(),
  kind: z.enum(SignalKind),
  at: z.number().describe("When it happened on the device, ms."),
  receivedAt: z.number().describe("When the service received it, ms."),
  errorCode: z.string().optional(),
});

/** A row of the ledger. */
export const deviceRowSchema = z
  .object({
    deviceId: z.string(),
    objectId: z.string(),
    ring: z.string(),
    state: z.enum(LedgerState),
    wave: z.int().optional(),
    offeredAt: z.string().optional(),
    holds: z.array(z.string()),
    attempt: z.int(),
    startedAt: instant.optional(),
    reportedAt: instant.optional(),
    errorCode: z.string().optional(),
    lastSeenAt: instant.optional(),
    attributes: z.record(z.string(), z.string()),
    log: z.array(logEntry),
  })
  .meta({ id: "ReleaseDevice" });

/** What `deviceView` gives. */
export const deviceSchema = deviceRowSchema
  .extend({
    becameActiveAt: instant.nullable(),
    sloAt: instant.nullable().describe("Day of the device's own service level objective."),
  })
  .meta({ id: "ReleaseDeviceWithSlo" });

/** A decision as the API shows it. */
export const decisionSchema = z
  .object({
    at: instant,
    by: z.enum(["gate", "controller", "cohorts", "likelyIssues", "monitoringRule"]),
    verdict: z.string(),
    previous: z.string(),
    enforced: z.boolean(),
    evidence: recorded<Decision["evidence"]>("What it rests on; the same input gives it again to the bit."),
    silence: recorded<NonNullable<Decision["silence"]>>(
      "What the gate took from devices that did not come back.",
    ).optional(),
    doubt: recorded<NonNullable<Decision["doubt"]>>(
      "Since when there was evidence for a pause on few failures.",
    ).optional(),
  })
  .meta({ id: "Decision" });

const evidenceSchema = z.object({
  method: z.string(),
  e: z.number(),
  threshold: z.number(),
  cohort: z.object({ devices: z.int(), exposed: z.int(), failures: z.int() }),
  outside: z.object({ exposed: z.int(), failures: z.int() }),
  shareOfExposed: z.number(),
  input: recorded<object>("The counts that it is computed from."),
});
const condition = z.object({ attribute: z.string(), value: z.string() });

/** What `holdView` gives. */
const holdSchema = z
  .object({
    id: z.string(),
    cohort: z.string(),
    inWords: z.string(),
    conditions: z.array(condition),
    status: z.enum(["inForce", "advised", ...Object.values(HoldEnd)]),
    provisional: z.boolean(),
    since: instant,
    evidence: evidenceSchema,
    devices: z.int(),
    rings: z.record(z.string(), z.object({ held: z.int(), exempt: z.int() })),
    exempt: z.array(z.string()),
    ended: z
      .object({ at: instant, by: z.string(), because: z.enum(HoldEnd), justification: z.string().optional() })
      .nullable(),
  })
  .meta({ id: "Hold" });

/** What `holdsView` gives. */
export const holdsSchema = z.object({
  value: z.array(holdSchema),
  advice: z.array(z.object({ cohort: z.string(), inWords: z.string(), evidence: evidenceSchema })),
});

/** What `announcementsOf` gives. */
export const announcementSchema = z
  .object({
    releaseId: z.string(),
    group: z.object({ id: z.string(), name: z.string() }),
    update: z.string(),
    publishedAt: instant,
    articles: z.array(z.object({ version: z.string(), kb: z.string(), url: z.url() })),
  })
  .meta({ id: "Announcement" });
