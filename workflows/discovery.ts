import { randomUUID } from "node:crypto";
import type * as df from "durable-functions";
import { z } from "zod";
import { AppError } from "../shared/errors.js";
import { lostOrRenamed } from "../shared/groups/lost.js";
import { directoryChanges } from "../shared/registration/watch.js";
import { isServed, tenantState } from "../shared/tenant/state.js";
import { fillActivity, surveyActivity } from "./activities/discovery.js";
import { findInstance, startOnce } from "./client.js";
import { type Durable, isLong, nowOf, type Orchestration, orchestration } from "./durable.js";
import { startProvisioning } from "./group-start.js";
import { DISCOVERY } from "./names.js";

/** Seconds between a change of memberships and the look that reads it back (graph.md §6.3). */
const READ_BACK_SECONDS = 15;
/** Looks at one discovery's rings; more mean that the directory does not keep what it accepts. */
const MOST_ROUNDS = 200;
/** Wait before what failed is tried again, and how often that happens; after that the next discovery takes over. */
const PROBLEM_HOURS = 1;
const MOST_ATTEMPTS = 20;

export const progressSchema = z.object({
  phase: z.enum(["survey", "fill", "waiting", "done"]),
  devices: z.number(),
  registered: z.number(),
  notRegistered: z.number(),
  /** Memberships of ring groups added and removed. */
  moved: z.number(),
  /** Memberships that are still to be changed. */
  left: z.number(),
  /** What is in the way; it is tried again every hour. */
  problems: z.array(z.string()),
});
export type DiscoveryProgress = z.infer<typeof progressSchema>;

const discoverySchema = z.object({
  /**
   * Autopatch groups whose sources are looked at; `all` means all active ones, and `daily` the same but for the rings of
   * those that are known to be filled.
   */
  survey: z.union([z.array(z.string()), z.literal("all"), z.literal("daily"), z.literal("none")]),
  /** Groups whose rings are to be filled; those surveyed come on top. */
  fill: z.array(z.string()).default([]),
  rounds: z.number().default(0),
  attempt: z.number().default(1),
  progress: progressSchema.optional(),
});
export type DiscoveryInput = z.input<typeof discoverySchema>;

const COUNTS = { devices: 0, registered: 0, notRegistered: 0, moved: 0, left: 0 };

/**
 * Finds devices, checks them and puts them into their rings (autopatch.md §3.1): survey, then per group fill until a look
 * finds nothing to change, which also confirms admins' moves. Several may run at once: each ends in the same place.
 */
orchestration({
  name: DISCOVERY,
  input: discoverySchema,
  *run(ctx, input) {
    let { survey, rounds, progress = { phase: "survey", ...COUNTS, problems: [] } } = input;
    const say = (news: Partial<DiscoveryProgress>) => {
      progress = { ...progress, ...news };
      ctx.df.setCustomStatus(progress);
    };
    const fill = new Set(input.fill);
    const problems: string[] = [];

    if (survey !== "none") {
      say({ phase: "survey" });
      const found = yield* attempt(surveyActivity(ctx, scopeOf(survey)));
      if ("problem" in found) problems.push(found.problem);
      else {
        survey = "none";
        const { groupIds, devices, registered, notRegistered } = found.value;
        for (const id of groupIds) fill.add(id);
        say({ devices, registered, notRegistered });
      }
    }
    say({ phase: "fill" });
    for (const groupId of [...fill].sort()) {
      for (let moving = true; moving && rounds < MOST_ROUNDS; rounds++) {
        if (isLong(ctx)) return again(ctx, { ...input, survey, fill: [...fill], rounds, progress });
        const look = yield* attempt(fillActivity(ctx, { groupId }));
        if ("problem" in look) problems.push(`${groupId}: ${look.problem}`);
        const { added = 0, removed = 0, left = 0 } = "value" in look ? look.value : {};
        if ("value" in look) say({ moved: progress.moved + added + removed, left });
        moving = added + removed > 0;
        if (moving) yield wait(ctx, READ_BACK_SECONDS);
        else if ("value" in look) fill.delete(groupId);
      }
    }
    const retries = problems.length > 0 && input.attempt < MOST_ATTEMPTS;
    say({ phase: retries ? "waiting" : "done", problems });
    if (!retries) return progress;
    yield wait(ctx, PROBLEM_HOURS * 3600);
    return again(ctx, { survey, fill: [...fill], rounds: 0, attempt: input.attempt + 1, progress });
  },
});

function scopeOf(survey: readonly string[] | "all" | "daily"): { groupIds?: string[]; daily?: boolean } {
  if (survey === "all") return {};
  return survey === "daily" ? { daily: true } : { groupIds: [...survey] };
}

function again(ctx: Orchestration, input: DiscoveryInput): undefined {
  ctx.df.continueAsNew(input);
}

function wait(ctx: Orchestration, seconds: number): df.Task {
  return ctx.df.createTimer(new Date(nowOf(ctx) + seconds * 1000));
}

/** What is in the way of one group, or of the survey, does not keep the others from going on. */
function* attempt<T>(call: Durable<T>): Durable<{ value: T } | { problem: string }> {
  try {
    return { value: yield* call };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { problem: error.message };
  }
}

export interface DiscoveryRequest {
  /** Looks at the sources of this Autopatch group only. */
  readonly groupId?: string | undefined;
}

/** Starts a discovery of everything, or of one Autopatch group; returns its id. */
export function startDiscovery(client: df.DurableClient, { groupId }: DiscoveryRequest = {}): Promise<string> {
  return start(client, { survey: groupId === undefined ? "all" : [groupId] }, randomUUID());
}

/** Starts bringing the devices of these groups into the rings that the register says; returns the id. */
export function startFilling(client: df.DurableClient, groupIds: readonly string[]): Promise<string> {
  return start(client, { survey: "none", fill: [...groupIds] }, randomUUID());
}

/**
 * The hourly look: one call to Graph per 50 directory groups while nothing changes, else a discovery of what did, and
 * ring groups that are lost or renamed are made good (row 99).
 */
export async function discoverChanges(client: df.DurableClient, now: number): Promise<void> {
  const { survey, repair, own, commit } = await directoryChanges();
  if (survey.length + repair.length > 0) {
    const input: DiscoveryInput = { survey: survey.length > 0 ? [...survey] : "none", fill: [...repair] };
    await start(client, input, `hourly-${hourOf(now)}`);
  }
  if (own.length > 0) await restoreRingGroups(client, now, own);
  await commit();
}

/** The daily look at everything, ring groups included, should the directory not have told what became of one. */
export async function discoverEverything(client: df.DurableClient, now: number): Promise<void> {
  await start(client, { survey: "daily" }, randomUUID());
  if (isServed(await tenantState())) await restoreRingGroups(client, now);
}

/** Starts making good the Autopatch groups, of these or of all, that have lost a directory group or its name. */
async function restoreRingGroups(client: df.DurableClient, now: number, ids?: readonly string[]): Promise<void> {
  for (const id of await lostOrRenamed(ids)) await startProvisioning(client, id, `restore-${hourOf(now)}`);
}

function hourOf(now: number): string {
  return new Date(now).toISOString().slice(0, 13);
}

/** How far a discovery is; undefined when there is none of that id, or when the id is another workflow's. */
export async function readDiscovery(
  client: df.DurableClient,
  id: string,
): Promise<df.DurableOrchestrationStatus | undefined> {
  return id.startsWith(`${DISCOVERY}-`) ? findInstance(client, id) : undefined;
}

async function start(client: df.DurableClient, input: DiscoveryInput, suffix: string): Promise<string> {
  const id = `${DISCOVERY}-${suffix}`;
  await startOnce(client, DISCOVERY, id, input);
  return id;
}
