import { z } from "zod";
import { HOUR_MS, iso } from "../calendar/days.js";
import { latestPatchTuesday } from "../calendar/patch-tuesday.js";
import { AppError } from "../errors.js";
import { listQualityUpdates } from "../graph/catalogue.js";
import type { Graph } from "../graph/graph.js";
import { listSkus } from "../graph/licences.js";
import { instant } from "../schema.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { overridesOf } from "./calendar.js";
import { type Cycle, cycleAt } from "./cycle.js";
import { hotpatchLicences } from "./licences.js";
import { listUnplanned } from "./unplanned.js";

/** The report, and what it rests on, is made anew after so long (autopatch.md §5.9, §9.1). */
export const REFRESH_MS = 4 * HOUR_MS;

/** By the rule a baseline is at most two months before a B release, which may be that of last month. */
const CATALOGUE_DAYS = 100;

const revision = z.object({
  ...{ product: z.string(), version: z.string(), build: z.string(), kb: z.string(), isHotpatch: z.boolean() },
});
const update = z.object({
  ...{ catalogEntryId: z.string(), shortName: z.string(), displayName: z.string(), releaseDate: z.string() },
  classification: z.enum(["security", "nonSecurity"]),
  cadence: z.enum(["monthly", "outOfBand"]),
  isExpeditable: z.boolean(),
  revisions: z.array(revision),
});
/** What Graph said of licences and catalogue. */
const lookSchema = z.object({ at: instant, licences: z.array(z.string()), updates: z.array(update) });
type Look = z.infer<typeof lookSchema>;

/** What eligibility rests on besides the device. */
export interface Surroundings {
  readonly cycle: Cycle;
  readonly licensed: boolean;
}

/** The surroundings now, from Graph when what is kept is older than four hours. @param now ms */
export async function surroundings(graph: Graph, now: number): Promise<Surroundings> {
  const { licences, updates } = await refreshed(await kept(), now, () => look(graph, now));
  const cycle = cycleAt(now, overridesOf(await listUnplanned()), updates);
  return { cycle, licensed: licences.length > 0 };
}

/**
 * What is kept while it is fresh, else what `make` makes. Where nothing new is to be had for a while, what is kept stands,
 * and says how old it is.
 */
export async function refreshed<T extends { readonly at: string }>(
  found: T | undefined,
  now: number,
  make: () => Promise<T>,
): Promise<T> {
  const age = found === undefined ? Number.POSITIVE_INFINITY : now - Date.parse(found.at);
  if (found !== undefined && age >= 0 && age < REFRESH_MS) return found;
  try {
    return await make();
  } catch (error) {
    if (found !== undefined && error instanceof AppError && error.retryable) return found;
    throw error;
  }
}

const [PARTITION, ID] = ["look", "latest"];

async function look(graph: Graph, now: number): Promise<Look> {
  const since = iso(latestPatchTuesday(now) - CATALOGUE_DAYS * 24 * HOUR_MS);
  const licences = hotpatchLicences(await listSkus(graph));
  const seen = lookSchema.parse({ at: iso(now), licences, updates: await listQualityUpdates(graph, { since }) });
  await (await store()).put(PARTITION, ID, seen);
  return seen;
}

async function kept(): Promise<Look | undefined> {
  return (await (await store()).get(PARTITION, ID))?.body;
}

async function store(): Promise<Documents<Look>> {
  return documents(await table("Hotpatch"), lookSchema);
}
