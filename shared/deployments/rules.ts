import { addDays, iso } from "../calendar/days.js";
import { Category, type Content } from "../graph/deployments/content.js";
import { Capability, checkCapability } from "./capabilities.js";
import type { MonitoringRule, Settings } from "./deployment.js";
import type { DeploymentForm, RuleForm, ScheduleForm } from "./form.js";
import { offerPlan } from "./offers.js";
import { refused } from "./refusals.js";

/** No rollout takes longer: the longest deferral of a feature update (autopatch.md §5.4). */
const LONGEST_ROLLOUT_DAYS = 365;
/** What devices get that cannot take Windows 11 (autopatch.md §5.12). */
const FALLBACK = "Windows 10, version 22H2";

/** What a schedule is held against. Instants are ms. */
export interface Scheduled {
  readonly content: Pick<Content, "category" | "name" | "deployableUntil">;
  /** Devices that it reaches. */
  readonly devices: number;
  readonly now: number;
  /** The start that it had before, which may have passed. */
  readonly startedAt?: number | null;
}

/** Throws for content that the catalogue does not have. */
export function knownContent(content: Content | undefined, catalogEntryId: string): Content {
  if (content !== undefined) return content;
  const message = `the catalogue has no entry ${catalogEntryId}: it is unknown, not yet published, or its publisher withdrew it; GET deployments/content lists feature and quality updates`;
  throw refused("unknownContent", "catalogEntryId", message);
}

/** Throws for content that cannot be deployed any more at an instant (ms). */
export function checkDeployable(content: Pick<Content, "name" | "deployableUntil">, at: number): void {
  if (content.deployableUntil === null || content.deployableUntil > at) return;
  const limit = iso(content.deployableUntil);
  throw refused("contentExpired", "catalogEntryId", `${content.name} can be deployed until ${limit} only`, { limit });
}

/** The settings that a form asks for. Throws `rule_violated` naming the rule that they break. */
export function settingsOf(form: DeploymentForm, content: Content, scheduled: Scheduled): Settings {
  const { expedite, monitoringRule, safeguards, offerAsOptional } = form;
  const { category } = content;
  if (expedite !== undefined) checkExpedite(content);
  if (safeguards !== undefined) checkCapability(category, Capability.safeguardHolds, "safeguards");
  if (offerAsOptional) checkFeature(category, "offerAsOptional");
  const schedule = scheduleOf(form.schedule, scheduled);
  if (category === Category.quality && expedite === undefined) {
    const message = `a quality update is deployed by itself only expedited; to approve quality updates at their own pace, make an update policy, or leave them to the rings`;
    throw refused("qualityIsExpedited", "expedite", message);
  }
  return {
    ...schedule,
    rule: monitoringRule === undefined ? null : ruleOf(monitoringRule, content),
    expedite:
      expedite === undefined
        ? null
        : { isReadinessTest: expedite.readinessTest, daysUntilForcedReboot: expedite.daysUntilForcedReboot },
    offerAsOptional,
    ignoresLikelyIssues: safeguards?.likelyIssues === false,
  };
}

/**
 * Start and rollout as they are asked for. Throws for a start in the past or when the content has expired, an end before
 * the start, and a rollout without end.
 */
export function scheduleOf(
  { startAt: start, rollout: asked }: ScheduleForm,
  { content, devices, now, startedAt = null }: Scheduled,
): Pick<Settings, "startAt" | "rollout"> {
  const { category } = content;
  const startAt = start ?? null;
  if (startAt !== null) checkCapability(category, Capability.approvalAndScheduling, "schedule.startAt");
  if (asked !== undefined) checkCapability(category, Capability.gradualRollout, "schedule.rollout");
  if (startAt !== null && startAt < now && startAt !== startedAt) {
    const message = `${iso(startAt)} is in the past; leave it out to begin at once`;
    throw refused("startInPast", "schedule.startAt", message, { limit: iso(now) });
  }
  const rollout = rolloutOf(asked);
  const first = startAt ?? now;
  // A start that has passed offers to those who come from now on.
  checkDeployable(content, Math.max(first, now));
  if (rollout?.kind === "date" && rollout.endAt <= first) {
    const message = `${iso(rollout.endAt)} is not after the first offer at ${iso(first)}`;
    throw refused("endBeforeStart", "schedule.rollout.endAt", message, { limit: iso(first) });
  }
  checkEnd({ startAt, rollout }, { content, devices, now });
  return { startAt, rollout };
}

function rolloutOf(asked: ScheduleForm["rollout"]): Settings["rollout"] {
  if (asked === undefined) return null;
  return "endAt" in asked ? { kind: "date", ...asked } : { kind: "rate", ...asked };
}

/** The last offer comes before the content expires, and within a year: a rate too slow for that has no end. */
function checkEnd(schedule: Pick<Settings, "startAt" | "rollout">, { content, devices, now }: Scheduled): void {
  if (schedule.rollout === null) return;
  const settings = { ...NO_SETTINGS, ...schedule };
  const { firstAt, lastAt } = offerPlan(settings, devices, now);
  const until = Math.min(addDays(firstAt, LONGEST_ROLLOUT_DAYS), content.deployableUntil ?? Number.POSITIVE_INFINITY);
  const end = schedule.rollout.kind === "date" ? schedule.rollout.endAt : lastAt;
  if (end <= until) return;
  const why = until === content.deployableUntil ? `when ${content.name} expires` : "a year after the first";
  const message = `the last of ${devices} devices would be offered it on ${iso(end)}, and the last offer has to come by ${iso(until)}, ${why}; offer more devices at a time, or more often`;
  throw refused("rolloutWithoutEnd", "schedule.rollout", message, { limit: iso(until), lastOfferAt: iso(end) });
}

/** Settings of which nothing is set. */
export const NO_SETTINGS: Settings = {
  ...{ startAt: null, rollout: null, rule: null, expedite: null },
  ...{ offerAsOptional: false, ignoresLikelyIssues: false },
};

/** The monitoring rule that is asked for. Throws for content that has none, and where nobody could be offered Windows 10. */
export function ruleOf(
  { signal, threshold, action }: RuleForm,
  { category, name }: Pick<Content, "category" | "name">,
): MonitoringRule {
  checkFeature(category, "monitoringRule");
  if (signal === "ineligible" && !name.startsWith("Windows 11")) {
    const message = `${FALLBACK} is offered in place of Windows 11 only, and this is ${name}`;
    throw refused("fallbackForWindows11", "monitoringRule.signal", message);
  }
  return { signal, threshold: threshold ?? null, action };
}

/** Throws unless Windows 10 can still be deployed in place of Windows 11. @param at when offers begin, ms */
export function checkFallback(rule: MonitoringRule | null, contents: readonly Content[], at: number): void {
  if (rule?.signal !== "ineligible") return;
  const fallback = contents.find(({ name }) => name === FALLBACK);
  if (fallback !== undefined && (fallback.deployableUntil ?? Number.POSITIVE_INFINITY) > at) return;
  const until = fallback?.deployableUntil ?? null;
  const ended = until === null ? "the catalogue does not have it" : `it could be deployed until ${iso(until)}`;
  const message = `${FALLBACK} cannot be offered to devices that are not eligible for Windows 11: ${ended}`;
  throw refused("fallbackExpired", "monitoringRule.action", message);
}

function checkExpedite({ category, isExpeditable, name }: Content): void {
  checkCapability(category, Capability.expedite, "expedite");
  if (isExpeditable) return;
  const message = `the catalogue says that ${name} cannot be expedited; GET deployments/content lists updates that can`;
  throw refused("notExpeditable", "catalogEntryId", message);
}

function checkFeature(category: Category, field: string): void {
  if (category === Category.feature) return;
  throw refused("featureOnly", field, `only feature updates have it, and this is a ${category} update`, { category });
}
