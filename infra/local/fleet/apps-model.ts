import { compareVersions } from "../../../shared/app-versions/version.js";
import { DAY_MS, iso } from "../../../shared/calendar/days.js";
import { EdgeChannel } from "../../../shared/edge/versions.js";
import type { Inventory } from "../../../shared/inventory/inventory.js";
import { uniform } from "../../../shared/random.js";
import type { AppPolicy } from "../tenant/feeds/app-policies.js";
import { type EdgeProduct, edgeReleases, officeReleases, type Published } from "../tenant/feeds/app-versions.js";

/** Shares of devices: without Office, with Office under cloud update, without anybody signed in to Teams. */
const WITHOUT_OFFICE = 0.03;
const CLOUD_UPDATE = 0.02;
const SIGNED_OUT = 0.05;
/** Share of devices whose antivirus definitions stay as they are. */
const STUCK_DEFINITIONS = 0.02;
/** Days in which Edge rolls a version out. */
const EDGE_ROLLOUT_DAYS = 7;

const PRODUCTS: Readonly<Record<EdgeChannel, EdgeProduct>> = { stable: "Stable", beta: "Beta", extended: "Extended" };

export interface AppsInput {
  readonly seed: number;
  /** Number of the device in its fleet. */
  readonly index: number;
  readonly policy: AppPolicy;
  /** Version of Office that the device had before; undefined at first. */
  readonly office: string | undefined;
  /** When the agent looks, ms. */
  readonly now: number;
}

/**
 * The apps of a device whose apps the service manages. Every draw is a hash of seed, device and purpose, so that what a
 * device had before matters for Office alone, which a policy may hold.
 */
export function appsOf(input: AppsInput): Inventory {
  const { seed, index, policy, now } = input;
  const draw = (...purpose: readonly (string | number)[]) => uniform(seed, index, "apps", ...purpose);
  const office = draw("office") < WITHOUT_OFFICE ? undefined : officeVersion(input);
  const isCloud = draw("cloud update") < CLOUD_UPDATE;
  const channel = policy.edge?.channel ?? EdgeChannel.stable;
  const edge = newestTaken(edgeReleases(PRODUCTS[channel], now), now, edgeWait(input));
  const stuckFor = draw("stuck definitions") < STUCK_DEFINITIONS ? 10 + Math.floor(20 * draw("stuck since")) : 0;
  const updatedAt = (Math.floor(now / DAY_MS) - stuckFor) * DAY_MS;
  return {
    ...(office && {
      office: {
        version: office,
        channel: "monthlyEnterprise",
        ...(isCloud ? { managedBy: "cloudUpdate" as const } : {}),
      },
    }),
    ...(edge && { edge: { version: edge.version, channel } }),
    teams: { version: teamsVersion(now), signedIn: draw("signed in") >= SIGNED_OUT },
    antivirus: {
      signatureVersion: `1.${400 + Math.floor(updatedAt / (14 * DAY_MS)) - 1400}.${Math.floor(updatedAt / DAY_MS) % 1000}.0`,
      signaturesUpdatedAt: iso(updatedAt),
      scannedAt: iso(now),
    },
  };
}

/** Apps of which a release follows every version. */
export type FollowedApp = "office" | "edge";

/** When a device takes a version of an app or a newer one, ms, if nothing holds it; undefined: it has not yet. */
export function takenAt(input: AppsInput, app: FollowedApp, version: string): number | undefined {
  const { policy, now } = input;
  const channel = policy.edge?.channel ?? EdgeChannel.stable;
  const releases = app === "office" ? officeReleases(now) : edgeReleases(PRODUCTS[channel], now);
  const wait = app === "office" ? officeWait(input) : edgeWait(input);
  const taken = releases
    .filter((release) => compareVersions(release.version, version) >= 0)
    .map((release) => release.publishedAt + wait(release) * DAY_MS)
    .filter((at) => at <= now);
  return taken.length === 0 ? undefined : Math.min(...taken);
}

type Wait = (release: Published) => number;

/** Days until a device takes a version: progressively over the rollout. */
function edgeWait({ seed, index }: AppsInput): Wait {
  return ({ version }) => uniform(seed, index, "apps", version) * EDGE_ROLLOUT_DAYS;
}

/** Between the end of the delay and the deadline. */
function officeWait({ seed, index, policy }: AppsInput): Wait {
  const { deferralDays = 0, deadlineDays = 7 } = policy.office ?? {};
  return ({ version }) => deferralDays + uniform(seed, index, "office", version) * deadlineDays;
}

/** Office installs what its policy lets it follow; a target is taken at once, in either direction. */
function officeVersion(input: AppsInput): string | undefined {
  const { policy, office: before, now } = input;
  const { automatic = true, target = null } = policy.office ?? {};
  const releases = officeReleases(now);
  const followed = newestTaken(releases, now, officeWait(input))?.version;
  if (before === undefined) return followed;
  if (!automatic) return before;
  if (target !== null) return releases.some(({ version }) => version === target) ? target : before;
  return followed !== undefined && compareVersions(followed, before) > 0 ? followed : before;
}

/** The newest version that a device has taken by now. @param days from publication until it takes a version */
function newestTaken(releases: readonly Published[], now: number, days: Wait) {
  return releases.findLast((release) => release.publishedAt + days(release) * DAY_MS <= now);
}

/** A version a month, on the day of Office's, named by its day of the year. */
function teamsVersion(now: number): string {
  const at = new Date(officeReleases(now).at(-1)?.publishedAt ?? now);
  const day = Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
  return `${at.getUTCFullYear() % 100}${String(day).padStart(3, "0")}.1000.2900.1`;
}
