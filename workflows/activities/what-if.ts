import { z } from "zod";
import { answerOf } from "../../shared/what-if/answer.js";
import { tenantFleet } from "../../shared/what-if/inventory.js";
import { learnedHistory } from "../../shared/what-if/learned.js";
import {
  changeRun,
  dropWorkings,
  isOver,
  keepGround,
  readChunks,
  readRun,
  WhatIfStatus,
  writeAnswer,
  writeChunk,
} from "../../shared/what-if/store.js";
import { chunkSize, runChunk, trialCount, type WhatIfInput } from "../../shared/what-if/trials.js";
import { activity } from "../durable.js";

const runRef = z.object({ id: z.string().min(1) });

/** Fixes devices and history of a what-if, and says how its months are dealt out. */
export const prepareWhatIf = activity({
  name: "prepareWhatIf",
  input: runRef,
  run: async ({ id }) => {
    const input = await inputOf(id);
    await changeRun(id, () => ({ status: WhatIfStatus.running }));
    return { trials: trialCount(input), size: chunkSize(input.fleet.index.size) };
  },
});

/** Simulates some months and keeps how they went. */
export const simulateMonths = activity({
  name: "simulateMonths",
  input: runRef.extend({ from: z.int().min(0), to: z.int().min(0) }),
  run: async ({ id, from, to }) => {
    if (isOver(await readRun(id))) return;
    await writeChunk(id, from, runChunk(await inputOf(id), from, to));
    await changeRun(id, ({ done }) => ({ done: Math.max(done, to) }));
  },
});

/** Makes the answer of all months; their own results are not needed any more then. */
export const concludeWhatIf = activity({
  name: "concludeWhatIf",
  input: runRef,
  run: async ({ id }) => {
    if (!isOver(await readRun(id))) {
      await writeAnswer(id, answerOf(await inputOf(id), await readChunks(id)));
      await changeRun(id, () => ({ status: WhatIfStatus.finished }));
    }
    await dropWorkings(id);
  },
});

/** Says why there will be no answer. */
export const abandonWhatIf = activity({
  name: "abandonWhatIf",
  input: runRef.extend({ problem: z.string() }),
  run: async ({ id, problem }) => {
    await changeRun(id, () => ({ status: WhatIfStatus.failed, problem }));
    await dropWorkings(id);
  },
});

async function inputOf(id: string): Promise<WhatIfInput> {
  const { seed, months, candidates, base, groupId } = await readRun(id);
  const rings = base.rings.map(({ name }) => name);
  const { fleet, history } = await keepGround(id, async () => ({
    fleet: await tenantFleet(groupId, rings),
    history: await learnedHistory(groupId),
  }));
  return { seed, months, candidates, base, fleet, history };
}
