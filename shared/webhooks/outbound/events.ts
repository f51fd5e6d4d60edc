import { config } from "../../config.js";
import type { Change } from "../../feed/feed.js";

/** CloudEvents 1.0, JSON format. */
export interface CloudEvent {
  readonly specversion: "1.0";
  /** The id of the audit entry: the same whenever the event is sent again. */
  readonly id: string;
  /** `/tenants/<Entra tenant id>` */
  readonly source: string;
  /** `ringmaster.release.paused` */
  readonly type: string;
  /** What it happened to: `release/…`, `group/…`. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: {
    /** As the audit log names it. */
    readonly action: string;
    readonly actor: { readonly id: string; readonly name: string };
    readonly justification?: string | undefined;
    readonly evidence?: Readonly<Record<string, unknown>> | undefined;
  };
}

const PREFIX = "ringmaster.";

/** What deliveries and mails say of themselves would never end. */
const SILENT = /^(webhook|message|feed)\./;

/** Names of events where an act by several hands is one event, and where its result is the event. */
const NAMES: Readonly<Record<string, string>> = {
  "release.start": "release.started",
  "release.pause": "release.paused",
  "release.servicePause": "release.paused",
  "release.gate.pause": "release.paused",
  "release.monitoringRule.pause": "release.paused",
  "release.monitoringRule.alert": "release.alerted",
  "release.gate.hold": "release.held",
  "release.gate.continue": "release.released",
  "release.resume": "release.resumed",
  "release.extend": "release.pauseExtended",
  "release.rollBack": "release.rollingBack",
  "release.cancel": "release.cancelling",
  "release.supersede": "release.superseding",
  "release.expedite": "release.expedited",
  "release.endExpedite": "release.expediteEnded",
  "release.controller.offer": "release.waveGranted",
  "ring.begin": "ring.opened",
  "ring.wave": "ring.waveOpened",
  "ring.rollBack": "ring.rollingBack",
  "incident.open": "incident.opened",
  "incident.update": "incident.updated",
  "incident.close": "incident.closed",
  "approval.ask": "approval.asked",
  "approval.answer": "approval.answered",
  "approval.timeOut": "approval.timedOut",
  "policyAlert.open": "policyAlert.opened",
  "policyAlert.close": "policyAlert.closed",
  "tenant.inactivate": "tenant.inactivated",
  "tenant.reactivate": "tenant.reactivated",
};

/**
 * The type of the event that an audit entry is, without the prefix: `release.paused`; undefined for what is no event.
 * The end of a release or ring is named after its outcome: `release.completed`. Every other action is an event under its
 * own name.
 */
export function eventType(action: string, evidence: Readonly<Record<string, unknown>> = {}): string | undefined {
  if (SILENT.test(action)) return undefined;
  // A pause that the gate only advises is none.
  if (/^release\.(gate|monitoringRule)\.(pause|hold)$/.test(action) && evidence.enforced !== true) {
    return `${action}Advised`;
  }
  if (action === "release.end" || action === "ring.end") {
    return `${action.slice(0, -".end".length)}.${String(evidence.outcome ?? "ended")}`;
  }
  return NAMES[action] ?? action;
}

/** The event that a change of the audit log is; undefined for what is no event. */
export function eventOf({ id, body }: Change): CloudEvent | undefined {
  const type = eventType(body.action, body.evidence);
  if (type === undefined) return undefined;
  const { action, actor, target, at, justification, evidence } = body;
  return cloudEvent({ id, type, subject: target, time: at, data: { action, actor, justification, evidence } });
}

/** An event of the service. */
export function cloudEvent(event: Pick<CloudEvent, "id" | "type" | "subject" | "time" | "data">): CloudEvent {
  return {
    specversion: "1.0",
    ...event,
    source: `/tenants/${config().TENANT_ID ?? "unknown"}`,
    type: `${PREFIX}${event.type}`,
    datacontenttype: "application/json",
  };
}

/** Whether a filter (`release.paused`, `release.*`, `*`) takes events of a type; the prefix may be written or left out. */
export function takes(filter: string, type: string): boolean {
  const [wanted, given] = [filter, type].map((name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name));
  if (wanted === undefined || given === undefined) return false;
  if (wanted === "*") return true;
  return wanted.endsWith(".*") ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}
