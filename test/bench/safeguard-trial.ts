import type { AttributeIndex } from "../../shared/attributes/columns.js";
import { exponential, hash32, uniform } from "../../shared/random.js";
import type { Features } from "../../shared/safeguards/features.js";
import { likelyIssues } from "../../shared/safeguards/likely-issues.js";
import { riskOf } from "../../shared/safeguards/risk.js";
import { trainRiskModel } from "../../shared/safeguards/train.js";

/** Attribute values that the update harms, and how much: odds ratios, drawn evenly on a logarithmic scale. */
const HARMED_VALUES = 10;
const ODDS_RATIOS = { from: 4, to: 60 };
/** Values with this share of the fleet may be harmed. */
const SHARES = { from: 0.005, to: 0.08 };
/** Failure rate of a device without any of them, and odds ratios of a full disk and of a long time without restart. */
const BASE_RATE = 0.002;
const FULL_DISK = { belowGb: 5, odds: 6 };
const LONG_RUNNING = { aboveDays: 30, odds: 3 };
/** Finished outcomes: Test, First and Fast of gate.md §1a. */
export const TRAINED = 5_050;

export interface SafeguardTrial {
  /** Area under the ROC curve among the devices not yet offered. */
  readonly auc: number;
  /** Share of the failures to come in the riskiest 5 % of those devices. */
  readonly captured: number;
  /** The best that anybody could do, knowing the true risks. */
  readonly aucPossible: number;
  readonly capturedPossible: number;
  /** Devices held, as a share of the ring, and the share of the failures to come among them. */
  readonly held: number;
  readonly heldFailures: number;
  /** Failure rate of the held devices. */
  readonly heldRate: number;
}

/** Trains on the first rings of a fleet and foretells Broad. */
export function foretell(index: AttributeIndex, seed: number, pTol: number): SafeguardTrial {
  const features = featuresOf(index, seed);
  const risks = trueRisks(features, seed);
  const order = Array.from({ length: index.size }, (_, device) => device);
  const place = order.map((device) => hash32(seed, device, "ring"));
  order.sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0));
  const failed = (device: number) => uniform(seed, device, "fails") < (risks[device] ?? 0);
  const trained = order.slice(0, TRAINED);
  const broad = order.slice(TRAINED);
  const model = trainRiskModel(features, { devices: trained, failing: trained.filter(failed) });
  if (model === undefined) throw new Error("There are too few outcomes to train on.");
  const risk = riskOf(model, features);
  const failures = broad.filter(failed).length;
  const held = likelyIssues(model, features, broad, pTol);
  const heldFailures = held.filter(({ device }) => failed(device)).length;
  const mine = ranking(broad, (device) => risk(device).risk, failed);
  const best = ranking(broad, (device) => risks[device] ?? 0, failed);
  return {
    auc: mine.auc,
    captured: mine.captured,
    aucPossible: best.auc,
    capturedPossible: best.captured,
    held: held.length / broad.length,
    heldFailures: heldFailures / failures,
    heldRate: held.length === 0 ? 0 : heldFailures / held.length,
  };
}

function featuresOf(index: AttributeIndex, seed: number): Features {
  const numbers = [
    { name: "freeDiskGb", of: (device: number) => exponential(100, seed, device, "free disk") },
    { name: "daysSinceRestart", of: (device: number) => exponential(10, seed, device, "restart") },
  ];
  return {
    index,
    numbers: numbers.map(({ name, of }) => ({
      name,
      values: Float64Array.from({ length: index.size }, (_, device) => of(device)),
    })),
  };
}

function trueRisks({ index, numbers }: Features, seed: number): Float64Array {
  const logits = new Float64Array(index.size).fill(Math.log(BASE_RATE / (1 - BASE_RATE)));
  const values = index.columns.flatMap((column) =>
    [...column.counts].flatMap((count, code) => {
      const share = count / index.size;
      return share >= SHARES.from && share <= SHARES.to ? [{ column, code }] : [];
    }),
  );
  const draw = (at: number) => hash32(seed, "harmed", at);
  const harmed = values
    .map((value, at) => ({ ...value, draw: draw(at) }))
    .sort((a, b) => a.draw - b.draw)
    .slice(0, HARMED_VALUES);
  for (const [at, { column, code }] of harmed.entries()) {
    const steps = Math.log(ODDS_RATIOS.to / ODDS_RATIOS.from);
    const effect = Math.log(ODDS_RATIOS.from) + steps * uniform(seed, "odds", at);
    for (let device = 0; device < index.size; device++) {
      if (column.codes[device] === code) logits[device] = (logits[device] ?? 0) + effect;
    }
  }
  const [disk, restart] = numbers;
  return logits.map((logit, device) => {
    const full = (disk?.values[device] ?? 0) < FULL_DISK.belowGb ? Math.log(FULL_DISK.odds) : 0;
    const long = (restart?.values[device] ?? 0) > LONG_RUNNING.aboveDays ? Math.log(LONG_RUNNING.odds) : 0;
    return 1 / (1 + Math.exp(-(logit + full + long)));
  });
}

function ranking(devices: readonly number[], score: (device: number) => number, failed: (device: number) => boolean) {
  const ranked = devices
    .map((device) => ({ score: score(device), failed: failed(device) }))
    .sort((a, b) => b.score - a.score);
  const failures = ranked.filter((each) => each.failed).length;
  let healthyAbove = 0;
  let lost = 0;
  for (const { failed: isFailed } of ranked) {
    if (isFailed) lost += healthyAbove;
    else healthyAbove++;
  }
  const top = ranked.slice(0, Math.floor(ranked.length / 20)).filter((each) => each.failed).length;
  return { auc: 1 - lost / (failures * (ranked.length - failures)), captured: top / failures };
}
