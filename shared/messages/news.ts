import { z } from "zod";
import { antivirusNews } from "../antivirus/news.js";
import type { AuditEntry } from "../audit/audit.js";
import { AppError } from "../errors.js";
import { LifecycleAct, lifecycleNews } from "../feature-devices/lifecycle.js";
import type { Change } from "../feed/feed.js";
import { HoldAct, holdNews } from "../microsoft-365-apps/hold-support.js";
import { findRelease, listReleases, listRings, type Release } from "../releases/store.js";
import { FocusArea } from "../tenant/contacts.js";
import { isQuality, Workload } from "../updates/update.js";
import { advisoryMessage, incidentMessage, qualityMessage, updateMessage } from "./heads.js";
import { MessageEvent, type MessageHead, type MessageUpdate } from "./message.js";
import { datesOf, datesText, groupDatesSchema, MOST_NAMED } from "./schedule-text.js";
import { TELLERS } from "./texts.js";

/** What a change tells people, and in which message. */
export interface News {
  readonly head: MessageHead;
  readonly update: MessageUpdate;
}

/** What people are told of a change; undefined: nothing. Reads releases. Throws `not_yet_consistent`: ask again. */
export async function newsOf({ id, body }: Change, now: number): Promise<News | undefined> {
  const at = Date.parse(body.at);
  const told = (event: MessageEvent, text: string, key: string = id, notify = true) => ({
    key,
    at,
    event,
    text,
    notify,
  });
  switch (body.action) {
    case "release.planned":
      return planned(body, (text) => told(MessageEvent.planned, text, "planned"));
    case "release.summary":
      return summary(body, (text) => told(MessageEvent.summary, text, "summary"));
    case "release.start":
      return started(body, now, (text) => told(MessageEvent.started, text, "started"));
    case "incident.open":
    case "incident.update":
    case "incident.close":
      return incident(body, (event, text) => told(event, text));
    case "policyAlert.open":
    case "policyAlert.close":
      return policyAlert(body, (event, text) => told(event, text));
    case "antivirusAlert.open":
    case "antivirusAlert.close":
      return antivirusAlert(body, (event, text) => told(event, text));
    case "tenant.inactivate":
    case "tenant.reactivate":
      return tenantStatus(body, (event, text) => told(event, text));
    case LifecycleAct.ending:
    case LifecycleAct.ended:
      return lifecycle(body, (event, text) => told(event, text));
    case HoldAct.ending:
    case HoldAct.ended:
      return officeHold(body, (event, text) => told(event, text));
    default:
      return aboutRelease(body, (event, text, notify) => told(event, text, id, notify));
  }
}

const announced = z.object({
  update: z.object({
    shortName: z.string(),
    releaseDate: z.string(),
    cadence: z.enum(["monthly", "outOfBand"]),
    classification: z.enum(["security", "nonSecurity"]),
  }),
  groups: z.int(),
});
const plannedSchema = announced.extend({ named: z.array(groupDatesSchema) });
const share = z.object({ devices: z.int(), upToDate: z.int(), percent: z.number().nullable() });
const summarySchema = announced.extend({ ...share.shape, named: z.array(share.extend({ group: z.string() })) });

/** Evidence of the audit entries that announce and sum up an update. */
export type PlannedEvidence = z.infer<typeof plannedSchema>;
export type SummaryEvidence = z.infer<typeof summarySchema>;

function planned({ evidence }: AuditEntry, told: (text: string) => MessageUpdate): News {
  const { update, named, groups } = plannedSchema.parse(evidence);
  const text = `${update.shortName} is planned for ${update.releaseDate}.\n${datesText(named, groups)}`;
  return { head: qualityMessage(update), update: told(text) };
}

function summary({ evidence }: AuditEntry, told: (text: string) => MessageUpdate): News {
  const { update, named, groups, ...all } = summarySchema.parse(evidence);
  const lines = named.map(({ group, ...counts }) => `${group}: ${shareText(counts)}.`);
  const others = groups > named.length ? [`And ${groups - named.length} more groups.`] : [];
  const text = [`${shareText(all)} have ${update.shortName}.`, ...lines, ...others].join("\n");
  return { head: qualityMessage(update), update: told(text) };
}

function shareText({ devices, upToDate, percent }: z.infer<typeof share>): string {
  return `${percent ?? 0} % of the devices (${upToDate} of ${devices})`;
}

/** A release is written just after the entry about its start. */
const WRITTEN_WITHIN_MS = 600_000;

/** All groups begin together, so that the first of them tells for all. */
async function started(
  body: AuditEntry,
  now: number,
  told: (text: string) => MessageUpdate,
): Promise<News | undefined> {
  const release = await releaseOf(body);
  if (release === undefined) {
    if (now - Date.parse(body.at) > WRITTEN_WITHIN_MS) return undefined;
    throw new AppError("not_yet_consistent", `${body.target} is being written. It is looked for again.`);
  }
  const { update } = release;
  const same = (await listReleases()).filter((other) => other.update.catalogEntryId === update.catalogEntryId);
  const named = [];
  for (const { id, groupName } of same.slice(0, MOST_NAMED)) {
    named.push(
      datesOf(
        groupName,
        (await listRings(id)).map(({ state }) => state.plan),
      ),
    );
  }
  const text = `The deployment of ${update.shortName} has begun.\n${datesText(named, same.length)}`;
  // Drivers and apps begin every few days, which nobody has to be told of by mail.
  const isRare = isQuality(update) || update.workload === Workload.feature;
  return { head: updateMessage(update), update: { ...told(text), notify: isRare } };
}

const incidentSchema = z.object({
  incidentId: z.string(),
  group: z.string(),
  update: z.string(),
  ring: z.string().nullable(),
  objective: z.number(),
  openedAt: z.string(),
  upToDate: z.int(),
  denominator: z.int(),
  percent: z.number().nullable(),
  because: z.enum(["met", "superseded", "withdrawn"]).optional(),
});

const OVER = {
  met: "The objective is met now",
  superseded: "A newer update is the latest one now",
  withdrawn: "Nobody is to have the update any more",
} as const;

type Tell = (event: MessageEvent, text: string, notify?: boolean) => MessageUpdate;

async function incident(body: AuditEntry, told: Tell): Promise<News | undefined> {
  const { incidentId, ring, objective, openedAt, because, ...seen } = incidentSchema.parse(body.evidence);
  // A release that is gone was the tenant's who has left.
  if (ring !== null && (await releaseOf(body)) === undefined) return undefined;
  const { group, update, upToDate, denominator, percent } = seen;
  const where = ring === null ? group : `${ring} in ${group}`;
  const share = `${upToDate} of ${denominator} devices (${percent ?? 0} %) of ${where} have ${update}`;
  const head = incidentMessage({ id: incidentId, openedAt, ring, update, group });
  if (because !== undefined) return { head, update: told(MessageEvent.closed, `${OVER[because]}. ${share}.`) };
  const event = body.action === "incident.open" ? MessageEvent.opened : MessageEvent.updated;
  return { head, update: told(event, `${share}; the objective is ${objective} %.`) };
}

const alertSchema = z.object({ kind: z.string(), name: z.string() });

function policyAlert({ action, target, evidence, at }: AuditEntry, told: Tell): News {
  const { kind, name } = alertSchema.parse(evidence);
  const opened = action === "policyAlert.open";
  const head = advisoryMessage(target, `Policy alert: ${name}`, [FocusArea.updates]);
  const text = opened
    ? `${name} is not as the service keeps it (${kind}). GET /api/v1/policy-alerts says what differs and puts it right.`
    : `${name} is as it should be again, or is not kept any more, since ${at}.`;
  return { head, update: told(opened ? MessageEvent.opened : MessageEvent.closed, text) };
}

function antivirusAlert(body: AuditEntry, told: Tell): News {
  const { title, text, isOver } = antivirusNews(body);
  const head = advisoryMessage(body.target, title, [FocusArea.devices]);
  return { head, update: told(isOver ? MessageEvent.closed : MessageEvent.opened, text) };
}

const reasonsSchema = z.object({ reasons: z.array(z.object({ action: z.string(), message: z.string() })) });

function tenantStatus({ action, evidence }: AuditEntry, told: Tell): News {
  const { reasons } = reasonsSchema.parse(evidence);
  const head = advisoryMessage("tenant", "The tenant needs your action", [FocusArea.updates, FocusArea.devices]);
  if (action === "tenant.reactivate") {
    return { head, update: told(MessageEvent.closed, "The tenant is Active again. The service goes on.") };
  }
  const why = reasons.map((reason) => `${reason.action}: ${reason.message}`).join("\n");
  const text = `The tenant is Inactive: the service takes no action until this is done.\n${why}`;
  return { head, update: told(MessageEvent.opened, text) };
}

function lifecycle(body: AuditEntry, told: Tell): News {
  const { about, title, text } = lifecycleNews(body);
  const event = body.action === LifecycleAct.ending ? MessageEvent.opened : MessageEvent.updated;
  return { head: advisoryMessage(about, title, [FocusArea.updates]), update: told(event, text) };
}

function officeHold(body: AuditEntry, told: Tell): News {
  const { about, title, text, isOver } = holdNews(body);
  const event = isOver ? MessageEvent.updated : MessageEvent.opened;
  return { head: advisoryMessage(about, title, [FocusArea.updates]), update: told(event, text) };
}

async function aboutRelease(body: AuditEntry, told: Tell): Promise<News | undefined> {
  const tell = TELLERS[body.action];
  if (tell === undefined) return undefined;
  const release = await releaseOf(body);
  if (release === undefined) return undefined;
  const { update, groupName } = release;
  const said = tell(body, { group: groupName, update: update.shortName });
  return said && { head: updateMessage(update), update: told(said.event, said.text, said.notify) };
}

/** The release of `release/<id>`; one that is gone was the tenant's who has left. */
async function releaseOf({ target }: AuditEntry): Promise<Release | undefined> {
  const id = /^release\/([^/]+)$/.exec(target)?.[1];
  return id === undefined ? undefined : findRelease(id);
}
