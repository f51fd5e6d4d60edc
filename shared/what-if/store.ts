import { z } from "zod";
import { AppError } from "../errors.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { WhatIfAnswer } from "./answer.js";
import type { WhatIfFleet } from "./fleet.js";
import { type WhatIfHistory, whatIfHistorySchema } from "./history.js";
import { settledCandidateSchema } from "./settings.js";
import { packFleet, unpackFleet } from "./snapshot.js";
import { type Trial, trialSchema } from "./trials.js";

/** Where a what-if is. */
export const WhatIfStatus = { waiting: "waiting", running: "running", finished: "finished", failed: "failed" } as const;
export type WhatIfStatus = (typeof WhatIfStatus)[keyof typeof WhatIfStatus];

/** A what-if that somebody has asked for. */
export const whatIfRunSchema = z.object({
  id: z.string(),
  groupId: z.string(),
  groupName: z.string(),
  /** ISO 8601. */
  requestedAt: z.string(),
  requestedBy: z.string(),
  seed: z.int(),
  months: z.int(),
  candidates: z.array(settledCandidateSchema),
  /** Settings of the group when it was asked for. */
  base: settledCandidateSchema.omit({ name: true }),
  status: z.enum(WhatIfStatus),
  /** Months that are simulated, of all of all candidates. */
  done: z.int(),
  total: z.int(),
  problem: z.string().nullable(),
});
export type WhatIfRun = z.infer<typeof whatIfRunSchema>;

/** The run with this id. @throws AppError `not_found` */
export async function readRun(id: string): Promise<WhatIfRun> {
  const found = await (await runs()).get(id, RUN);
  if (found !== undefined) return found.body;
  throw new AppError("not_found", `There is no what-if ${id}. POST /api/v1/what-if starts one.`, {
    field: "whatIfId",
  });
}

export async function writeRun(run: WhatIfRun): Promise<void> {
  await (await runs()).put(run.id, RUN, run);
}

/** Writes some fields of a run; one that is over stays as it is. */
export async function changeRun(
  id: string,
  change: (run: WhatIfRun) => Partial<Pick<WhatIfRun, "status" | "done" | "problem">>,
): Promise<void> {
  const run = await readRun(id);
  if (isOver(run)) return;
  await writeRun({ ...run, ...change(run) });
}

export function isOver({ status }: Pick<WhatIfRun, "status">): boolean {
  return status === WhatIfStatus.finished || status === WhatIfStatus.failed;
}

/** What the months are run with, fixed when the run begins. */
export interface Ground {
  readonly fleet: WhatIfFleet;
  readonly history: WhatIfHistory;
}

/** Texts of a million devices go over many rows of less than 1 MiB. */
const PART_LENGTH = 240_000;
const groundSchema = z.object({ parts: z.int(), history: whatIfHistorySchema });
const partSchema = z.object({ text: z.string() });

/** Keeps the ground of a run; a second time it is left as it is, since chunks may have been run on it. */
export async function keepGround(id: string, ground: () => Promise<Ground>): Promise<Ground> {
  const known = await readGround(id);
  if (known !== undefined) return known;
  const { fleet, history } = await ground();
  const text = packFleet(fleet);
  const count = Math.ceil(text.length / PART_LENGTH);
  const parts = await store(partSchema);
  for (let part = 0; part < count; part++) {
    await parts.put(id, `${FLEET}${numbered(part)}`, {
      text: text.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH),
    });
  }
  await (await store(groundSchema)).put(id, GROUND, { parts: count, history });
  return { fleet, history };
}

/** The ground of the latest run: its chunks follow one another, and its orders and hypotheses are worth keeping. */
let latest: { readonly id: string; readonly ground: Ground } | undefined;

/** The ground of a run; undefined before it is kept and after the run is over. */
export async function readGround(id: string): Promise<Ground | undefined> {
  if (latest?.id === id) return latest.ground;
  const found = await (await store(groundSchema)).get(id, GROUND);
  if (found === undefined) return undefined;
  let text = "";
  for await (const { body } of (await store(partSchema)).all(id, { prefix: FLEET })) text += body.text;
  latest = { id, ground: { fleet: unpackFleet(text), history: found.body.history } };
  return latest.ground;
}

const chunkSchema = z.object({ trials: z.array(trialSchema) });

export async function writeChunk(id: string, from: number, trials: readonly Trial[]): Promise<void> {
  await (await store(chunkSchema)).put(id, `${CHUNK}${numbered(from)}`, { trials: [...trials] });
}

/** The trials of all chunks of a run. */
export async function readChunks(id: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  for await (const { body } of (await store(chunkSchema)).all(id, { prefix: CHUNK })) trials.push(...body.trials);
  return trials;
}

/** Deletes what only a running what-if needs. */
export async function dropWorkings(id: string): Promise<void> {
  const all = await store(z.unknown());
  const [fleet, chunks] = [all.all(id, { prefix: FLEET }), all.all(id, { prefix: CHUNK })];
  for (const rows of [chunks, fleet]) for await (const row of rows) await all.delete(id, row.id);
  await all.delete(id, GROUND);
  if (latest?.id === id) latest = undefined;
}

/** An answer is written and read by this module alone. */
const answerSchema = z.custom<WhatIfAnswer>((value) => (value as Partial<WhatIfAnswer> | null)?.version === 1);

export async function writeAnswer(id: string, answer: WhatIfAnswer): Promise<void> {
  await (await store(answerSchema)).put(id, ANSWER, answer);
}

/** The answer of a run; undefined until it is finished. */
export async function readAnswer(id: string): Promise<WhatIfAnswer | undefined> {
  return (await (await store(answerSchema)).get(id, ANSWER))?.body;
}

const RUN = "run";
const GROUND = "ground";
const FLEET = "fleet ";
const CHUNK = "chunk ";
const ANSWER = "answer";

const numbered = (number: number): string => String(number).padStart(9, "0");

const runs = () => store(whatIfRunSchema);

/** All of a run is in one partition, so that it is read and deleted without the others. */
async function store<T>(schema: z.core.$ZodType<T>): Promise<Documents<T>> {
  return documents(await table("WhatIf"), schema);
}
