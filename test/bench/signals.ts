import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Azurite, startAzurite } from "../../infra/local/azurite.js";
import { Ledger } from "../../shared/ledger/index.js";
import { receiveSignals, toBatch } from "../../shared/signals/receive.js";
import { azureTable } from "../../shared/store/azure-table.js";
import type { Table } from "../../shared/store/table.js";
import { connectWith } from "../../shared/store/tables.js";
import { type Benchmark, type BenchmarkResult, figure } from "./benchmark.js";
import { rawRows, seconds } from "./raw-rows.js";
import { BUILD, deviceId, KB, START, signalBatches } from "./signal-load.js";
import { AMQP_PARALLEL, foldOverAmqp } from "./signals-amqp.js";
import { countRequests } from "./storage-requests.js";

const RELEASE = "2024.06 B bench";
const DEVICES = 50_000;
const BATCH = 1_000;
const BATCHES = 100;
const AMQP_BATCHES = 20;
const RAW_TRANSACTIONS = 300;
const RAW_PARALLEL = 8;
const DAY_MS = 86_400_000;

export const signals: Benchmark = {
  name: "signals",
  about: "device signals folded into the ledger per second, storage transactions per signal",
  async run(options) {
    const dir = mkdtempSync(join(tmpdir(), "ringmaster-bench-"));
    const azurite = await startAzurite({ dir });
    try {
      return await measure(azurite, options.seed, options.progress);
    } finally {
      await azurite.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function measure(azurite: Azurite, seed: number, progress: (line: string) => void): Promise<BenchmarkResult> {
  const open = async (name: string): Promise<Table> => {
    const client = connectWith(azurite.connectionString, name);
    await client.createTable();
    return azureTable(client);
  };
  const [devices, summaries] = [await open("ledger"), await open("ledgersummary")];
  progress(`enrolling and offering ${DEVICES} devices`);
  await prepare(new Ledger(devices, summaries), seed);
  progress(`raw rate: ${RAW_TRANSACTIONS} transactions of 100 rows, twice`);
  const raw = await rawRows(await open("raw"), RAW_TRANSACTIONS, RAW_PARALLEL);
  progress(`folding ${BATCHES} batches of ${BATCH}`);
  const fold = await foldInProcess(new Ledger(devices, summaries), azurite.ports.table, seed);
  const best = Math.max(raw.insert, raw.merge);
  return {
    model: [
      "one release; every device sends offered, downloading, install-started, restart-pending, installed or (1 %) failed",
      "batches are random over all partitions, every signal is new; handler start to last commit, one batch at a time",
      "over AMQP: SDK sender, broker, trigger listener and fold in one process, from the first send to the last commit",
      "raw rows: key, state and packed log as the ledger writes them; the better of insert and merge is compared",
    ],
    parameters: {
      devices: DEVICES,
      batch: BATCH,
      batches: BATCHES,
      partitions: 25,
      rawParallel: RAW_PARALLEL,
      amqpBatches: AMQP_BATCHES,
      amqpParallel: AMQP_PARALLEL,
      seed,
    },
    figures: [
      figure("raw rows, insert", raw.insert, "rows/s"),
      figure("raw rows, merge", raw.merge, "rows/s"),
      figure("folded in process", fold.perSecond, "signals/s"),
      figure("against raw rows", fold.perSecond / best, "", {
        text: "at least 0.5",
        met: fold.perSecond >= best / 2,
      }),
      figure("storage transactions", fold.transactions, "per signal", {
        text: "at most 0.05",
        met: fold.transactions <= 0.05,
      }),
      figure("end to end over AMQP", fold.amqp, "signals/s"),
      figure("first batch, cold cache", fold.coldMs, "ms"),
    ],
  };
}

async function prepare(ledger: Ledger, seed: number): Promise<void> {
  await ledger.registerUpdate(RELEASE, { revisions: [{ kb: KB, build: BUILD }], startedAt: iso(START) });
  const devices = Array.from({ length: DEVICES }, (_, n) => ({
    deviceId: deviceId(seed, n),
    objectId: deviceId(seed + 1, n),
    ring: "Broad",
    attributes: { model: `Model ${n % 400}` },
  }));
  await ledger.enrolDevices(RELEASE, devices);
  await ledger.offerWave(RELEASE, "Broad", 0, "rest", iso(START));
}

/** A fresh instance reads every shard once, which the first batch shows; the others run on cached rows. */
async function foldInProcess(ledger: Ledger, port: number, seed: number) {
  const deps = { ledger, sendRejected: async () => undefined, onFolded: async () => undefined };
  const batches = signalBatches(seed, DEVICES, BATCH);
  const next = () => toBatch(batches.next().value, undefined);
  const now = START + DAY_MS;
  const coldMs = 1000 * (await seconds(() => receiveSignals(deps, next(), now)));
  const requests = countRequests(port);
  const elapsed = await seconds(async () => {
    for (let batch = 0; batch < BATCHES; batch++) await receiveSignals(deps, next(), now);
  });
  requests.stop();
  const folded = BATCHES * BATCH;
  const rest = Array.from({ length: AMQP_BATCHES }, () => batches.next().value ?? []);
  const amqp = await foldOverAmqp(deps, rest, now, BATCH);
  return { perSecond: folded / elapsed, transactions: requests.count() / folded, coldMs, amqp };
}

const iso = (at: number): string => new Date(at).toISOString();
