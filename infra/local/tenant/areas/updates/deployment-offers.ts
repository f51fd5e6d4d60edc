import { addDays } from "../../../../../shared/calendar/days.js";
import type { DriverEntry } from "../../drivers/catalogue.js";
import { driverCatalogue } from "../../drivers/inventory.js";
import { type Gradual, nextChange, type Rollout } from "../../windows-update/rollout.js";
import type { WindowsVersion } from "../../windows-update/windows-versions.js";
import type { World } from "../../world.js";
import { enrolledIn } from "./audience-devices.js";
import { type DeployableContent, findContent } from "./content.js";
import { type DeploymentRow, firstOfferAt, stateOf } from "./deployment-rows.js";

/**
 * Has Windows Update offer what a deployment is to bring now: a feature update or driver to the enrolled devices of its
 * audience by its schedule, an expedited quality update to all of them at once (graph.md §1.3–1.7). Time alone begins
 * and ends offers from then on; whatever else changes its state has to be told here again.
 */
export function offer(world: World, row: DeploymentRow): void {
  const content = findContent(world, row.catalogEntryId);
  if (content === undefined || !delivers(world, row, content)) withdraw(world, row.id);
  else if (content.version !== undefined) offerFeature(world, row, content.version, content.deployableUntil);
  else if (content.driver !== undefined) offerDriver(world, row, content.driver);
  else expedite(world, row);
}

/** Nobody is offered anything by a deployment any more; devices keep what they have. */
export function withdraw({ windowsUpdate }: World, id: string): void {
  windowsUpdate.deleteExpedite(id);
  windowsUpdate.deleteFeature(id);
  windowsUpdate.deleteDrivers(id);
}

/** Optional feature updates wait for users, who are not there; quality updates come by policies, unless expedited. */
function delivers(world: World, row: DeploymentRow, { version, driver }: DeployableContent): boolean {
  const { value } = stateOf(world, row);
  const { expedite: asked, userExperience } = row.settings;
  if (value !== "offering" && value !== "scheduled") return false;
  if (version !== undefined) return userExperience?.offerAsOptional !== true;
  return driver !== undefined || (value === "offering" && asked?.isExpedited === true && !asked.isReadinessTest);
}

function offerFeature(world: World, row: DeploymentRow, target: WindowsVersion, until: number | null): void {
  const audience = enrolledIn(row.audienceId, "feature");
  world.windowsUpdate.setFeature({
    ...assigned(row.id, audience),
    target,
    rollout: rolloutOf(world, row, audience, until),
    fallsBack: (row.settings.monitoring?.monitoringRules ?? []).some(({ action }) => action === "offerFallback"),
  });
}

/** Just this driver, while its publisher does not take it back. */
function offerDriver(world: World, row: DeploymentRow, driver: DriverEntry): void {
  const audience = enrolledIn(row.audienceId, "driver");
  const rollout = rolloutOf(world, row, audience, driver.deployableUntil);
  const catalogue = driverCatalogue(world);
  world.windowsUpdate.setDrivers({
    ...assigned(row.id, audience),
    approved: ({ name }) => (name === driver.component && !catalogue.isWithdrawn(driver.id) ? [driver] : []),
    rollout,
    nextChange: (now) => nextChange(rollout, now),
  });
}

function expedite(world: World, row: DeploymentRow): void {
  world.windowsUpdate.setExpedite({
    ...assigned(row.id, row.audienceId),
    entryId: row.catalogEntryId,
    daysUntilForcedReboot: row.settings.userExperience?.daysUntilForcedReboot ?? 0,
  });
}

function assigned(id: string, audience: string) {
  return { id, include: [audience], exclude: [], everyone: false };
}

function rolloutOf(world: World, row: DeploymentRow, audience: string, until: number | null): Rollout {
  const first = firstOfferAt(row);
  const gradual = gradualOf(world, row, audience, first);
  // A rate goes on where a pause stopped it; an end stays where it is.
  const isByRate = gradual !== undefined && "queue" in gradual;
  const start = isByRate ? first + (row.pausedMs ?? 0) : first;
  return { start, ...(gradual && { gradual }), ...(until !== null && { until }) };
}

/** Everybody is offered it before an end; those that join later, at once. A rate of 0 is none (graph.md §1.6). */
function gradualOf(world: World, row: DeploymentRow, audience: string, first: number): Gradual | undefined {
  const asked = row.settings.schedule?.gradualRollout;
  if (asked == null) return undefined;
  const { durationBetweenOffers, endDateTime, durationUntilDeploymentEnd, devicesPerOffer } = asked;
  const intervalDays = days(durationBetweenOffers);
  if (endDateTime !== undefined) return { intervalDays, end: Date.parse(endDateTime) - 1 };
  if (durationUntilDeploymentEnd !== undefined) {
    return { intervalDays, end: addDays(first, days(durationUntilDeploymentEnd)) - 1 };
  }
  if (devicesPerOffer === 0) return undefined;
  return { intervalDays, devicesPerOffer, queue: world.windowsUpdate.queueOf(audience) };
}

function days(duration: string): number {
  return Number(duration.slice(1, -1));
}
