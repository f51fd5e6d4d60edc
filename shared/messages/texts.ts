import { z } from "zod";
import type { AuditEntry } from "../audit/audit.js";
import { MessageEvent } from "./message.js";

/** What an act upon a release tells people: of which kind it is, how it reads, and whether they are written to. */
export interface Told {
  readonly event: MessageEvent;
  readonly text: string;
  readonly notify: boolean;
}

/** Where it happened, for the sentence. */
export interface Place {
  readonly group: string;
  readonly update: string;
}

type Teller = (entry: AuditEntry, place: Place) => Told | undefined;

const ringsSchema = z.object({ rings: z.array(z.string()).min(1) });

/** `Ring2, Ring3 of Workforce`, or the whole group. */
function where({ evidence }: AuditEntry, { group }: Place): string {
  const named = ringsSchema.safeParse(evidence);
  return named.success ? `${named.data.rings.join(", ")} of ${group}` : group;
}

function why({ justification }: AuditEntry): string {
  return justification === undefined || justification.trim() === "" ? "" : ` Justification: ${justification}`;
}

const byPerson =
  (event: MessageEvent, verb: (entry: AuditEntry, place: Place) => string): Teller =>
  (entry, place) => ({ event, text: `${verb(entry, place)}${why(entry)}`, notify: true });

const byService =
  (event: MessageEvent, text: (place: Place) => string): Teller =>
  (_entry, place) => ({ event, text: text(place), notify: true });

/** A decision that only advises changes nothing. */
const enforced =
  (tell: Teller): Teller =>
  (entry, place) =>
    entry.evidence?.enforced === true ? tell(entry, place) : undefined;

const OUTCOMES: Readonly<Record<string, Teller>> = {
  completed: (_entry, { update, group }) => ({
    event: MessageEvent.ended,
    text: `${update} is complete in ${group}.`,
    notify: false,
  }),
  superseded: (_entry, { update, group }) => ({
    event: MessageEvent.ended,
    text: `${update} is superseded by a newer update in ${group} and is offered to nobody any more.`,
    notify: false,
  }),
  cancelled: byService(MessageEvent.cancelled, ({ update, group }) => `${update} is cancelled in ${group}.`),
  // The reference publishes no such message; it is derived from pause and uninstall (autopatch.md §11).
  rolledBack: byService(MessageEvent.rolledBack, ({ update, group }) => `${update} is rolled back in ${group}.`),
};

/** By the action of the audit log; an action that is not here is no news for people. */
export const TELLERS: Readonly<Record<string, Teller>> = {
  "release.pause": byPerson(
    MessageEvent.paused,
    (entry, place) => `${entry.actor.name} paused ${place.update} in ${where(entry, place)}, for at most 35 days.`,
  ),
  "release.servicePause": byService(
    MessageEvent.paused,
    ({ update, group }) => `The service paused ${update} in ${group}, because nobody decided about its hold in time.`,
  ),
  "release.gate.pause": enforced(
    byService(
      MessageEvent.paused,
      ({ update, group }) =>
        `The health gate paused ${update} in ${group}: more devices fail than this kind of update tolerates. It stays paused until somebody decides.`,
    ),
  ),
  "release.monitoringRule.pause": enforced(
    byService(MessageEvent.paused, ({ update, group }) => `The monitoring rule paused ${update} in ${group}.`),
  ),
  "release.resume": byPerson(
    MessageEvent.resumed,
    (entry, place) =>
      `${entry.actor.name} resumed ${place.update} in ${where(entry, place)}. It takes up to 8 hours until every device reacts.`,
  ),
  "release.extend": byPerson(
    MessageEvent.scheduleChanged,
    (entry, place) => `${entry.actor.name} extended the pause of ${place.update} in ${where(entry, place)} by 35 days.`,
  ),
  "release.rollBack": byPerson(
    MessageEvent.rolledBack,
    (entry, place) =>
      `${entry.actor.name} has ${place.update} uninstalled in ${where(entry, place)}. Devices restart for it.`,
  ),
  "release.cancel": byPerson(
    MessageEvent.cancelled,
    (entry, place) => `${entry.actor.name} cancelled ${place.update} in ${place.group}; what is installed stays.`,
  ),
  "release.expedite": byPerson(
    MessageEvent.expedited,
    (_entry, { update, group }) =>
      `${update} is expedited in ${group}: its rings are offered it as soon as the health gate allows, with short deadlines.`,
  ),
  "release.endExpedite": byPerson(
    MessageEvent.scheduleChanged,
    (_entry, { update, group }) => `${update} is expedited no more in ${group}, and goes on by its schedule.`,
  ),
  "release.end": (entry, place) => OUTCOMES[String(entry.evidence?.outcome)]?.(entry, place),
  "release.announcement": ({ evidence }) => ({
    event: MessageEvent.announcement,
    text: `Microsoft: ${String(evidence?.title)} (${String(evidence?.announcementId)}, ${String(evidence?.status)}).`,
    notify: false,
  }),
};
