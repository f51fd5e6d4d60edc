import { DAY_MS } from "../../../../shared/calendar/days.js";
import { compareBuilds, parseBuild } from "../../../../shared/updates/build.js";
import type { Catalogue } from "../catalogue/catalogue.js";
import type { CatalogueEntry, Revision } from "../catalogue/entry.js";
import type { DeviceRecord } from "../types.js";
import type { Assigned } from "./assignments.js";

/** One decision about one update in a policy. */
export interface Approval {
  readonly entryId: string;
  readonly approved: boolean;
  /** When the decision was made, ms. */
  readonly at: number;
}

/** Approves by itself: every update of the kind, some days after its publication. */
export interface ApprovalRule {
  readonly classification: "all" | "security" | "nonSecurity";
  readonly cadence?: "monthly" | "outOfBand";
  readonly deferralDays: number;
}

/** What offers quality updates to devices: a ring of an update policy, or an Intune quality update policy. */
export interface OfferSource extends Assigned {
  readonly deferralDays: number;
  readonly paused: boolean;
  /** Devices that can take hotpatches get them, or their baseline first; the others get the cumulative update. */
  readonly hotpatch: boolean;
  readonly approvals: readonly Approval[];
  readonly rules: readonly ApprovalRule[];
}

/** What decides which revision of an update fits a device. */
export type Updatable = Pick<
  DeviceRecord,
  "product" | "version" | "osVersion" | "virtualizationBasedSecurity" | "processorArchitecture" | "attributes"
>;

export interface Candidate {
  readonly entry: CatalogueEntry;
  readonly revision: Revision;
}

/** The newest update that a source offers to a Windows version now (autopatch.md §5.10). */
export function newestOffer(
  source: OfferSource,
  device: Updatable,
  catalogue: Catalogue,
  now: number,
): Candidate | undefined {
  if (source.paused) return undefined;
  let newest: Candidate | undefined;
  const takesHotpatches = source.hotpatch && canHotpatch(device);
  for (const { entry, due } of schedule(source, catalogue)) {
    if (due > now || (newest !== undefined && newest.entry.publishedAt >= entry.publishedAt)) continue;
    const hotpatch = takesHotpatches ? hotpatchFor(entry, device, catalogue) : undefined;
    const revision = hotpatch ?? revisionFor(entry, device);
    if (revision !== undefined) newest = { entry, revision };
  }
  return newest;
}

/** The cumulative update that an update brings to a device. */
export function revisionFor(
  { revisions }: Pick<CatalogueEntry, "revisions">,
  { product, version }: Pick<Updatable, "product" | "version">,
): Revision | undefined {
  return revisions.find(
    (revision) => revision.product === product && revision.version === version && revision.hotpatchOf === undefined,
  );
}

/**
 * What an update with hotpatches brings next to a device that takes them (autopatch.md §5.9): the hotpatch of the
 * baseline that the device is on; to one that missed it the baseline, after which it is judged again. Undefined for a
 * device that is beyond the baseline, which gets cumulative updates until the next one.
 */
function hotpatchFor(
  { revisions }: Pick<CatalogueEntry, "revisions">,
  { product, version, osVersion }: Updatable,
  catalogue: Catalogue,
): Revision | undefined {
  const own = revisions.filter((revision) => revision.product === product && revision.version === version);
  const baseline = catalogue.baselineOf(osVersion);
  const hotpatch = own.find(({ hotpatchOf }) => hotpatchOf !== undefined && hotpatchOf === baseline);
  if (hotpatch !== undefined) return hotpatch;
  const missed = own.flatMap(({ hotpatchOf }) => hotpatchOf ?? []).find((build) => isOlder(osVersion, build));
  return missed === undefined ? undefined : catalogue.cumulativeUpdate(missed);
}

/** Whether a build is older than another one of the same Windows version. */
function isOlder(build: string, than: string): boolean {
  const [a, b] = [parseBuild(build), parseBuild(than)];
  return a !== undefined && b !== undefined && (compareBuilds(a, b) ?? 0) < 0;
}

/** Virtualization-based security runs, and on Arm64 CHPE is disabled (autopatch.md §5.9). */
function canHotpatch(device: Updatable): boolean {
  const { virtualizationBasedSecurity = "running", processorArchitecture = "x64", attributes } = device;
  if (virtualizationBasedSecurity !== "running") return false;
  return processorArchitecture.toLowerCase() !== "arm64" || attributes.hotPatchRestrictions === "1";
}

/** The next instant after `now` at which the source begins to offer something, if there is one. */
export function nextOffer(source: OfferSource, catalogue: Catalogue, now: number): number | undefined {
  let next: number | undefined;
  for (const { due } of schedule(source, catalogue)) if (due > now && due < (next ?? Infinity)) next = due;
  return next;
}

/** What the source offers and from when: approval, or publication and deferral, whichever is later. */
function* schedule(source: OfferSource, catalogue: Catalogue): Generator<{ entry: CatalogueEntry; due: number }> {
  const decided = new Set<string>();
  for (const { entryId, approved, at } of source.approvals) {
    decided.add(entryId);
    const entry = catalogue.get(entryId);
    if (approved && entry !== undefined) {
      yield { entry, due: Math.max(at, entry.publishedAt + source.deferralDays * DAY_MS) };
    }
  }
  if (source.rules.length === 0) return;
  for (const entry of catalogue.all()) {
    if (decided.has(entry.id)) continue;
    for (const rule of source.rules) {
      if (!ruleFits(rule, entry)) continue;
      yield { entry, due: entry.publishedAt + (rule.deferralDays + source.deferralDays) * DAY_MS };
    }
  }
}

function ruleFits(rule: ApprovalRule, entry: CatalogueEntry): boolean {
  const kind = rule.classification === "all" || rule.classification === entry.classification;
  return kind && (rule.cadence === undefined || rule.cadence === entry.cadence);
}
