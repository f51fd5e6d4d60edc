import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Azurite, startAzurite } from "../../infra/local/azurite.js";
import { inParallel } from "../../shared/ledger/collections.js";
import { Ledger } from "../../shared/ledger/index.js";
import { DEVICES_PER_PAGE, DEVICES_PER_SHARD } from "../../shared/ledger/layout.js";
import { receiveSignals, toBatch } from "../../shared/signals/receive.js";
import { azureTable } from "../../shared/store/azure-table.js";
import type { Table } from "../../shared/store/table.js";
import { connectWith } from "../../shared/store/tables.js";
import { type Benchmark, type BenchmarkResult, figure } from "./benchmark.js";
import { RAW_ROWS, rawRows, seconds } from "./raw-rows.js";
import { BUILD, deviceId, KB, START, signalBatches } from "./signal-load.js";
import { AMQP_PARALLEL, foldOverAmqp } from "./signals-amqp.js";
import { countRequests } from "./storage-requests.js";

const RELEASE = "2024.06 B bench";
const DEVICES = 50_000;
const BATCH = 1_000;
const ROUNDS = 10;
const BATCHES = 6;
/** Handlers under way at once; the host runs up to 16 per core. */
const FOLD_PARALLEL = 2;
const AMQP_BATCHES = 20;
const RAW_TRANSACTIONS = 20;
const RAW_PARALLEL = 8;
const NOW = START + 86_400_000;

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
  const [devices, summaries, raw] = [await open("ledger"), await open("ledgersummary"), await open("raw")];
  progress(`enrolling and offering ${DEVICES} devices`);
  await prepare(new Ledger(devices, summaries), seed);
  const { rawPerSecond, perSecond, transactions, coldMs, amqp } = await rounds(
    new Ledger(devices, summaries),
    raw,
    azurite.ports.table,
    seed,
    progress,
  );
  const share = perSecond / rawPerSecond;
  return {
    model: [
      "one release; every device sends offered, downloading, install-started, restart-pending, installed or (1 %) failed",
      "batches are random over all partitions, every signal is new; first handler start to last commit",
      "raw rows: inserts of a key, a state and a packed log, as much as a device adds, into empty partitions",
      "raw rows and folding take turns, so that both meet the same load of the machine",
      "over AMQP: SDK sender, broker, trigger listener and fold in one process, from the first send to the last commit",
    ],
    parameters: {
      devices: DEVICES,
      batch: BATCH,
      batches: ROUNDS * BATCHES,
      partitions: Math.ceil(DEVICES / DEVICES_PER_SHARD),
      devicesPerPage: DEVICES_PER_PAGE,
      rawTransactions: ROUNDS * RAW_TRANSACTIONS,
      rawParallel: RAW_PARALLEL,
      foldParallel: FOLD_PARALLEL,
      amqpBatches: AMQP_BATCHES,
      amqpParallel: AMQP_PARALLEL,
      seed,
    },
    figures: [
      figure("raw rows", rawPerSecond, "rows/s"),
      figure("folded in process", perSecond, "signals/s"),
      figure("against raw rows", share, "", { text: "at least 0.5", met: share >= 0.5 }),
      figure("storage transactions", transactions, "per signal", {
        text: "at most 0.05",
        met: transactions <= 0.05,
      }),
      figure("end to end over AMQP", amqp, "signals/s"),
      figure("first batch, cold cache", coldMs, "ms"),
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
async function rounds(ledger: Ledger, raw: Table, port: number, seed: number, progress: (line: string) => void) {
  const deps = {
    ledger,
    sendRejected: async () => undefined,
    sendAgain: async () => undefined,
    onFolded: async () => undefined,
  };
  const batches = signalBatches(seed, DEVICES, BATCH);
  const next = () => batches.next().value ?? [];
  const fold = () => receiveSignals(deps, toBatch(next(), undefined), NOW);
  const cold = await seconds(fold);
  const requests = countRequests(port);
  let [rawSeconds, foldSeconds, folding] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    rawSeconds += await rawRows(raw, round * RAW_TRANSACTIONS, RAW_TRANSACTIONS, RAW_PARALLEL);
    const before = requests.count();
    foldSeconds += await seconds(async () => {
      await inParallel(FOLD_PARALLEL, Array.from({ length: BATCHES }), async () => void (await fold()));
    });
    folding += requests.count() - before;
  }
  requests.stop();
  progress("end to end over AMQP");
  const amqp = await foldOverAmqp(deps, Array.from({ length: AMQP_BATCHES }, next), NOW, BATCH);
  const folded = ROUNDS * BATCHES * BATCH;
  return {
    rawPerSecond: (ROUNDS * RAW_TRANSACTIONS * RAW_ROWS) / rawSeconds,
    perSecond: folded / foldSeconds,
    transactions: folding / folded,
    coldMs: 1000 * cold,
    amqp,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
