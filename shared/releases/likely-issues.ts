import { indexAttributes } from "../attributes/columns.js";
import type { DeviceRow } from "../ledger/index.js";
import { followQuiet, likelyIssues, QUIET_AT_START, type Quiet } from "../safeguards/likely-issues.js";
import { FEWEST_OUTCOMES, SAFEGUARD_METHOD } from "../safeguards/method.js";
import { trainRiskModel } from "../safeguards/train.js";
import type { Decision } from "./decisions.js";
import { hasFailed } from "./examination.js";
import { isDue, type RingOffers } from "./offers.js";
import { offerFreed } from "./settled-holds.js";
import type { Release } from "./store.js";

/** How many devices of a ring are held because they are like those that failed (gate.md §6), and what that rests on. */
export interface RingLikelyIssues {
  readonly ring: string;
  readonly method: string;
  /** Devices held: those of which the lower bound of the risk is highest. */
  readonly devices: number;
  /** Finished outcomes that the model was trained on, and failures among them. */
  readonly outcomes: number;
  readonly failures: number;
}

/** What a release keeps of its early safeguards. Plain JSON; instants in ms. */
export interface LikelyIssues {
  /** Rings looked at before they opened, also where nobody was held. */
  readonly rings: readonly (RingLikelyIssues & { readonly since: number })[];
  readonly quiet: Quiet;
  /** When the held devices were let go, and whether the ledger says so by now. */
  readonly ended: { readonly at: number; readonly settled: boolean } | null;
}

const NOTHING: LikelyIssues = { rings: [], quiet: QUIET_AT_START, ended: null };

const keptOf = ({ likelyIssues }: Pick<Release, "likelyIssues">): LikelyIssues => likelyIssues ?? NOTHING;

/**
 * Rings that are about to be offered the update and have to be looked at first: their day has come, and at least 1,000
 * devices of the release have finished.
 */
export function ringsToSafeguard(
  release: Release,
  {
    offers,
    steps,
  }: { readonly offers: readonly RingOffers[]; readonly steps: readonly { readonly resolved: number }[] },
  now: number,
): string[] {
  const { gate, state, grants } = release;
  const kept = keptOf(release);
  if (gate.mode !== "enforce" || gate.offers !== "measured" || gate.likelyIssues === false) return [];
  if (state.phase !== "active" || state.ending !== null || state.gate.decision === "pause" || kept.ended !== null)
    return [];
  if (steps.reduce((sum, { resolved }) => sum + resolved, 0) < FEWEST_OUTCOMES) return [];
  const known = new Set([...grants, ...kept.rings].map(({ ring }) => ring));
  return offers
    .filter((ring) => ring.size > 0 && !known.has(ring.ring) && isDue(release, ring, now))
    .map(({ ring }) => ring);
}

/** Devices to hold in a ring, and what that rests on. */
export interface FoundLikelyIssues extends RingLikelyIssues {
  readonly deviceIds: readonly string[];
}

/**
 * Learns from every device of the release that has finished which devices are likely to fail, and finds those in the
 * given rings, at most 5 % of each (gate.md §6). Agents tell numbers such as free disk in bands, which are attributes
 * like others. Pure; the order of devices does not matter.
 * @param uninstalled rings where people had the update uninstalled
 * @param pTol tolerated failure rate of the gate
 */
export function findLikelyIssues(
  rows: readonly DeviceRow[],
  rings: readonly string[],
  uninstalled: readonly string[],
  pTol: number,
): FoundLikelyIssues[] {
  const devices = rows.toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  const features = { index: indexAttributes(devices.length, (at) => devices[at]?.attributes ?? {}), numbers: [] };
  const places = [...devices.keys()];
  const finished = places.filter((at) => devices[at]?.reportedAt !== undefined);
  const failing = finished.filter((at) => hasFailed(devices[at] as DeviceRow, uninstalled));
  const model = trainRiskModel(features, { devices: finished, failing });
  return rings.map((ring) => {
    const own = places.filter((at) => devices[at]?.ring === ring);
    const found = likelyIssues(model, features, own, pTol).flatMap(({ device }) => devices[device] ?? []);
    const deviceIds = found
      .filter(({ state }) => state === "notOffered" || state === "held")
      .map((row) => row.deviceId);
    const counts = { outcomes: finished.length, failures: failing.length };
    return { ring, method: SAFEGUARD_METHOD, devices: deviceIds.length, ...counts, deviceIds };
  });
}

/** The release once the likely issues of some rings are held in the ledger, and a decision where there are any. */
export function withLikelyIssues(
  release: Release,
  found: readonly RingLikelyIssues[],
  now: number,
): { readonly release: Release; readonly decisions: readonly Decision[] } {
  const kept = keptOf(release);
  const rings = [...kept.rings, ...found.map((ring) => ({ ...ring, since: now }))];
  const told = { at: now, by: "likelyIssues", verdict: "hold", previous: "continue", enforced: true } as const;
  return {
    release: { ...release, likelyIssues: { ...kept, rings } },
    decisions: found.filter(({ devices }) => devices > 0).map((evidence) => ({ ...told, evidence })),
  };
}

/**
 * Follows the evidence of the gate: once E has stayed below 2 for seven days after Broad, the largest ring, opened, what
 * was foretold has not come true, and the held devices are let go (gate.md §6).
 * @param broadOpenedAt ms; null while it has not
 */
export function followLikelyIssues(
  release: Release,
  input: { readonly logE: number; readonly broadOpenedAt: number | null },
  now: number,
): { readonly release: Release; readonly decisions: readonly Decision[] } {
  const kept = keptOf(release);
  const devices = kept.rings.reduce((sum, ring) => sum + ring.devices, 0);
  if (devices === 0 || kept.ended !== null) return { release, decisions: [] };
  const { state: quiet, release: isOver } = followQuiet(kept.quiet, { ...input, now });
  const ended = isOver ? { at: now, settled: false } : null;
  const told = { at: now, by: "likelyIssues", verdict: "release", previous: "hold", enforced: true } as const;
  return {
    release: { ...release, likelyIssues: { ...kept, quiet, ended } },
    decisions: isOver ? [{ ...told, evidence: { devices, quietSince: quiet.since ?? now } }] : [],
  };
}

/** When Broad, the ring with the most devices, was opened (ms); null while it has not been. */
export function broadOpenedAt(
  offers: readonly RingOffers[],
  rings: readonly { readonly ring: string; readonly openedAt: number | null }[],
): number | null {
  const broad = offers.reduce<RingOffers | undefined>(
    (most, ring) => (ring.size > (most?.size ?? 0) ? ring : most),
    undefined,
  );
  return rings.find(({ ring }) => ring === broad?.ring)?.openedAt ?? null;
}

/** The ledger still holds devices that the release has let go. */
export function hasUnsettledLikelyIssues(release: Release): boolean {
  return keptOf(release).ended?.settled === false;
}

/** The release and the letters for its rings once the ledger has let the devices go. @param waiting devices by ring that nothing has been offered */
export function withFreedLikelyIssues(release: Release, waiting: Readonly<Record<string, number>>, now: number) {
  const kept = keptOf(release);
  const ended = kept.ended === null ? null : { ...kept.ended, settled: true };
  const settled = { ...release, likelyIssues: { ...kept, ended } };
  return offerFreed(settled, (ring) => waiting[ring] ?? 0, { key: "likelyIssuesReleased", groupId: null }, now);
}
