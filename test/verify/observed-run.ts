import type { DeviceTruth } from "../../infra/local/fleet/index.js";
import { runSimulation, type SimulationOptions, type Summary } from "../../infra/local/world/simulation.js";
import type { World } from "../../infra/local/world/world.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import { wall } from "../../shared/wall.js";

/** A simulation with what it left behind, device by device. */
export interface ObservedRun {
  readonly summary: Summary;
  /** The ledger's rows of the release, by device id. */
  readonly rows: readonly DeviceRow[];
  /** What really became of every device. */
  readonly truth: readonly DeviceTruth[];
  /** Real milliseconds from the first jump of time to the end of the release. */
  readonly elapsedMs: number;
}

export type RunOptions = Omit<SimulationOptions, "onStart" | "onEnd"> & {
  /** Something that goes on beside the run; its result must be stopped before the world is. */
  readonly disturb?: (world: World) => Disturbance;
};

export interface Disturbance {
  /** Ends it; resolves when the world is whole again. */
  stop(): Promise<void>;
}

/** Runs one release on the full stack and reads the ledger through the app's API when it has ended. */
export async function observe({ disturb, ...options }: RunOptions): Promise<ObservedRun> {
  let disturbance: Disturbance | undefined;
  let begun = 0;
  let left: Omit<ObservedRun, "summary"> | undefined;
  const summary = await runSimulation({
    ...options,
    onStart: (world) => {
      begun = wall.monotonic();
      disturbance = disturb?.(world);
    },
    onEnd: async (world, release) => {
      const elapsedMs = wall.monotonic() - begun;
      await disturbance?.stop();
      const value = await world.api.all<DeviceRow>(`/releases/${release.id}/devices`);
      const rows = value.toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
      const truth = world.fleet.truth(release.update.revisions.map(({ build }) => build));
      left = { rows, truth, elapsedMs };
    },
  });
  if (left === undefined) throw new Error("The run ended without a release.");
  return { summary, ...left };
}

/** The summary without what may differ between two runs of the same seed (design.md §5). */
export function withoutCosts({ costs: _costs, ...summary }: Summary): Omit<Summary, "costs"> {
  return summary;
}
