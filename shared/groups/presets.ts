import { FIRST_RING, LAST_RING } from "./defaults.js";
import { Preset } from "./group.js";
import { type DeploymentRing, NotificationLevel, type RingSettings, ringSettingsSchema, settingsOf } from "./ring.js";

/** Deferral, deadline and grace period, days. */
type Days = readonly [deferral: number, deadline: number, grace: number];

/** The five default rings of 03/31/2025 (autopatch.md §5.3). Documented for Information worker. */
const TEST: Days = [0, 0, 0];
const MIDDLE: readonly [Days, Days, Days] = [
  [1, 2, 2],
  [5, 2, 2],
  [9, 5, 2],
];
const LAST: Days = [10, 3, 2];

/**
 * How each preset differs from Information worker. Documented are the four names, and that the restart-sensitive one has
 * no deadlines (§2.3, §5.3); the values are our own:
 * - Shared device: nobody returns to a device of their own, so that there is no grace period; restart warnings only.
 * - Kiosks and billboards: nobody reads notifications, and none may cover the screen.
 * - Reboot-sensitive devices: installed and restarted on Saturdays at 03:00, which knows neither deadline nor grace.
 */
const VARIATIONS: Readonly<Record<Preset, Partial<RingSettings>>> = {
  informationWorker: {},
  sharedDevice: { gracePeriodDays: 0, notifications: NotificationLevel.restartWarningsOnly },
  kiosksAndBillboards: { gracePeriodDays: 0, notifications: NotificationLevel.none },
  rebootSensitive: {
    cadence: {
      type: "scheduledInstall",
      install: { kind: "schedule", occurrence: "weekly", week: 1, day: 6, hour: 3 },
    },
  },
};

/**
 * The values of a preset for a group of `count` rings, in ring order. Up to three rings between Test and Last are Ring1
 * to Ring3; more are spaced evenly over the days of these (our own rule).
 */
export function presetRings(preset: Preset, count: number): RingSettings[] {
  const between = Math.max(0, count - 2);
  const middle = Array.from({ length: between }, (_, index) =>
    daysAt(between <= MIDDLE.length ? index : (index * (MIDDLE.length - 1)) / (between - 1)),
  );
  return [TEST, ...middle, LAST].map((days) => ({ ...settingsOfDays(days), ...VARIATIONS[preset] }));
}

/** The days of the middle rings at a place between Ring1 (0) and Ring3 (2), whole days. */
function daysAt(place: number): Days {
  const from = Math.min(Math.floor(place), 1);
  const [left, right] = from === 0 ? [MIDDLE[0], MIDDLE[1]] : [MIDDLE[1], MIDDLE[2]];
  const at = (part: 0 | 1 | 2) => Math.round(left[part] + (place - from) * (right[part] - left[part]));
  return [at(0), at(1), at(2)];
}

function settingsOfDays([qualityDeferralDays, qualityDeadlineDays, gracePeriodDays]: Days): RingSettings {
  return ringSettingsSchema.parse({ qualityDeferralDays, qualityDeadlineDays, gracePeriodDays });
}

/**
 * The default of a ring added between two others (autopatch.md §2.3, row 11): half-way in its days, otherwise like the
 * ring before it. Deadlines stay at 2 days or more.
 */
export function spacedBetween(before: DeploymentRing, after: DeploymentRing): RingSettings {
  const half = (setting: "qualityDeferralDays" | "qualityDeadlineDays" | "gracePeriodDays") =>
    Math.ceil((before[setting] + after[setting]) / 2);
  return {
    ...settingsOf(before),
    qualityDeferralDays: half("qualityDeferralDays"),
    qualityDeadlineDays: Math.max(2, half("qualityDeadlineDays")),
    gracePeriodDays: half("gracePeriodDays"),
  };
}

/** The group with ring values that were left out taken from its preset; what is no group stays as it is. */
export function withPresetValues(input: unknown): unknown {
  if (!isRecord(input) || !Array.isArray(input.rings)) return input;
  const preset = Object.values(Preset).find((name) => name === input.preset) ?? Preset.informationWorker;
  const values = presetRings(preset, input.rings.length);
  return {
    ...input,
    rings: input.rings.map((ring: unknown, index) => (isRecord(ring) ? { ...values[index], ...ring } : ring)),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Test and Last, which every group has and which are filled by assignment alone. */
export function isFixedRing(name: string): boolean {
  return name === FIRST_RING || name === LAST_RING;
}
