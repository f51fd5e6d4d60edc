import { runSimulation } from "../../infra/local/world/simulation.js";
import { peakMemoryMb } from "./peak-memory.js";

/** What one run cost; memory in MB, null where the system does not tell. */
export interface SimulateRun {
  readonly outcome: string;
  readonly seconds: number;
  readonly storageTransactions: number;
  readonly signals: number;
  readonly maxHistoryEvents: number;
  readonly memory: { readonly world: number | null; readonly host: number | null; readonly storage: number | null };
}

/** One nominal release in a process of its own, so that the peaks of memory are its own: `simulate-run.js DEVICES SEED`. */
const [devices, seed] = process.argv.slice(2).map(Number);
let memory: SimulateRun["memory"] = { world: null, host: null, storage: null };
const summary = await runSimulation({
  scenario: "nominal",
  devices: devices ?? 0,
  seed: seed ?? 1,
  gate: "enforce",
  onEnd: async ({ host, storage }) => {
    const peak = (pid: number | undefined) => (pid === undefined ? null : (peakMemoryMb(pid) ?? null));
    memory = { world: peak(process.pid), host: peak(host.pid), storage: peak(storage.pid) };
  },
});
const { outcome, signals, costs } = summary;
const { wallSeconds, storageTransactions, maxHistoryEvents } = costs;
const run: SimulateRun = { outcome, seconds: wallSeconds, storageTransactions, signals, maxHistoryEvents, memory };
console.log(JSON.stringify(run));
