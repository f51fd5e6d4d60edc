import { DAY_MS } from "../../../../shared/calendar/days.js";
import { patchTuesday } from "../../../../shared/calendar/patch-tuesday.js";

/** A version that the publisher's list shows. */
export interface Published {
  /** `2404`, `124` */
  readonly name: string;
  readonly version: string;
  /** ms */
  readonly publishedAt: number;
}

/** What a list of versions has to know of the world. */
export interface PresentTime {
  readonly clock: { now(): number };
}

/** The first year of which the lists know. */
const FIRST_YEAR = 2023;
const OFFICE_EPOCH = { year: 2024, month: 6, build: 17_531 } as const;
const OFFICE_REVISION = 20_140;
/** Builds from one month's version to the next, about as in reality. */
const OFFICE_STEP = 99;
/** A version reaches the Monthly Enterprise Channel two months after the month that it is named after. */
const OFFICE_LAG = 2;

/** Versions once made; agents ask for them every day of every device. */
const officeMade: Published[] = [];

/** Versions of Office's Monthly Enterprise Channel by an instant (ms), the oldest first: one every second Tuesday. */
export function officeReleases(now: number): readonly Published[] {
  return publishedBy(officeMade, (index) => officeRelease(FIRST_YEAR, index + 1), now);
}

/** The versions that are published at an instant (ms), of a list that is made as far as anybody asks. */
function publishedBy(made: Published[], make: (index: number) => Published, now: number): readonly Published[] {
  while ((made.at(-1)?.publishedAt ?? 0) <= now) made.push(make(made.length));
  return made.slice(0, made.findLastIndex(({ publishedAt }) => publishedAt <= now) + 1);
}

/** @param month from 1; months beyond 12 are those of later years */
function officeRelease(year: number, month: number): Published {
  const at = new Date(Date.UTC(year, month - 1, 1));
  const named = new Date(Date.UTC(year, month - 1 - OFFICE_LAG, 1)).toISOString();
  const since = (year - OFFICE_EPOCH.year) * 12 + month - OFFICE_EPOCH.month;
  return {
    name: `${named.slice(2, 4)}${named.slice(5, 7)}`,
    version: `16.0.${OFFICE_EPOCH.build + OFFICE_STEP * since}.${OFFICE_REVISION}`,
    publishedAt: patchTuesday(at.getUTCFullYear(), at.getUTCMonth() + 1),
  };
}

const WEEK_MS = 7 * DAY_MS;
const FEATURE_WEEKS = 4;
/** The day on which Stable got a feature version, and which one; Beta is one version ahead. */
const EDGE_EPOCH = { at: Date.parse("2024-05-16T20:00:00Z"), major: 125, build: 2535 } as const;
const EDGE_STEP = 57;

/** Weeks in which a channel gets something new, and which feature version it is on in a week since the epoch. */
const EDGE_CHANNELS = {
  Stable: { every: 1, ahead: 0, features: 1 },
  Beta: { every: 1, ahead: 1, features: 1 },
  /** Every second feature version, for eight weeks, with security updates every two weeks. */
  Extended: { every: 2, ahead: 0, features: 2 },
} as const;
export type EdgeProduct = keyof typeof EDGE_CHANNELS;
export const EDGE_PRODUCTS = Object.keys(EDGE_CHANNELS) as EdgeProduct[];

const edgeMade: Readonly<Record<EdgeProduct, Published[]>> = { Stable: [], Beta: [], Extended: [] };

/** Versions of a channel of Edge by an instant (ms), the oldest first: weekly, a feature version every four weeks. */
export function edgeReleases(product: EdgeProduct, now: number): readonly Published[] {
  return publishedBy(edgeMade[product], (index) => edgeRelease(product, index), now);
}

const EDGE_FIRST_WEEK = Math.ceil((Date.UTC(FIRST_YEAR, 0, 1) - EDGE_EPOCH.at) / WEEK_MS);

function edgeRelease(product: EdgeProduct, index: number): Published {
  const { every, ahead, features } = EDGE_CHANNELS[product];
  const week = (Math.ceil(EDGE_FIRST_WEEK / every) + index) * every;
  const cycle = Math.floor(week / (FEATURE_WEEKS * features)) * features;
  const major = EDGE_EPOCH.major + cycle + ahead;
  const build = EDGE_EPOCH.build + EDGE_STEP * (major - EDGE_EPOCH.major);
  const revision = 51 + 16 * (week - cycle * FEATURE_WEEKS);
  return {
    name: `${major}`,
    version: `${major}.0.${build}.${revision}`,
    publishedAt: EDGE_EPOCH.at + week * WEEK_MS,
  };
}
