import type { Audience } from "../graph/deployments/audiences.js";
import { Category, type Content } from "../graph/deployments/content.js";
import { parseBuild } from "../updates/build.js";
import { updateState } from "../updates/up-to-date.js";
import { type Deployment, isLive } from "./deployment.js";
import type { ChosenDevice } from "./devices.js";
import { MOST_DEVICES } from "./form.js";
import { refused, someOf } from "./refusals.js";
import { isOutdated } from "./state.js";
import type { AtOnce } from "./store.js";

/** Devices that an audience reaches: its members without those that are excluded. */
export function reached({ members, exclusions }: Audience): string[] {
  const excluded = new Set(exclusions);
  return members.filter((id) => !excluded.has(id));
}

/** Throws for more devices than one deployment or policy can be about. */
export function checkSize({ members, exclusions }: Audience): void {
  const size = members.length + exclusions.length;
  if (size <= MOST_DEVICES) return;
  const message = `${members.length} devices and ${exclusions.length} that are left out are more than ${MOST_DEVICES} together; remove from the devices whom it leaves out, make several deployments, or deploy to so many by the rings of an Autopatch group`;
  throw refused("audienceTooLarge", "devices", message, { limit: MOST_DEVICES, size });
}

/** Throws for devices that the content would take back: Windows goes to a newer version or build only. */
export function checkNoDowngrade({ category, name, builds }: Content, devices: readonly ChosenDevice[]): void {
  if (category === Category.driver) return;
  const isAbove =
    category === Category.feature ? aboveVersion(Number(builds[0])) : (version: string) => hasUpdate(version, builds);
  const above = devices.filter(({ osVersion }) => isAbove(osVersion ?? ""));
  // Devices that have a quality update already take nothing from it, as long as it does something for others.
  const isRefused =
    category === Category.feature ? above.length > 0 : devices.length > 0 && above.length === devices.length;
  if (!isRefused) return;
  const what = category === Category.feature ? `run a newer Windows than ${name}` : `have ${name} or a newer update`;
  const message = `${someOf(above.map(({ deviceId }) => deviceId))} ${what}, and nothing is taken back`;
  throw refused("downgrade", "devices", message, { deviceIds: above.map(({ deviceId }) => deviceId) });
}

function aboveVersion(build: number): (osVersion: string) => boolean {
  return (osVersion) => (parseBuild(osVersion)?.major ?? 0) > build;
}

function hasUpdate(osVersion: string, builds: readonly string[]): boolean {
  const revisions = builds.map((build) => ({ product: "", version: "", build, kb: "", isHotpatch: false }));
  return updateState(osVersion, { revisions }) === "upToDate";
}

/**
 * Throws for devices that another running deployment of the same category has already, saying which: of two the newer
 * content would win without anybody having decided so (graph.md §1.5). Drivers stand beside each other, so only the same
 * one counts; readiness tests deliver nothing.
 */
export function checkFree(
  wanted: Pick<Deployment, "id" | "category" | "content" | "settings">,
  audience: Audience,
  { deployments, audiences }: AtOnce,
  now: number,
): void {
  if (isTest(wanted)) return;
  const devices = new Set(reached(audience));
  for (const other of deployments) {
    if (other.id === wanted.id || !isLive(other) || isTest(other) || isOutdated(other, now)) continue;
    if (!competes(other, wanted)) continue;
    const taken = reached(audiences.get(other.id) ?? { members: [], exclusions: [] }).filter((id) => devices.has(id));
    if (taken.length === 0) continue;
    const message = `${someOf(taken)} are in deployment ${other.id} (${other.name}) already; end it for them, or leave them out`;
    const details = { deploymentId: other.id, category: other.category, deviceIds: taken };
    throw refused("overlappingDeployment", "devices", message, details);
  }
}

function competes(other: Deployment, wanted: Pick<Deployment, "category" | "content">): boolean {
  if (other.category !== wanted.category) return false;
  return wanted.category !== Category.driver || other.content.catalogEntryId === wanted.content.catalogEntryId;
}

function isTest({ settings }: Pick<Deployment, "settings">): boolean {
  return settings.expedite?.isReadinessTest === true;
}
