import { drivers } from "../drivers/workload.js";
import { edge } from "../edge/workload.js";
import { feature } from "../feature-releases/workload.js";
import { microsoft365Apps } from "../microsoft-365-apps/workload.js";
import { type Update, type Workload, workloadOf } from "../updates/update.js";
import { quality } from "../updates/workload.js";
import type { WorkloadModule } from "./workload.js";

/** Every workload whose updates become releases. README, "Adding a workload", says what else a new one is. */
const MODULES = [quality, feature, drivers, microsoft365Apps, edge] as const;

const byId = new Map<Workload, WorkloadModule>(MODULES.map((module) => [module.id, module as WorkloadModule]));

/** What differs about the workload of an update. */
export function workloadFor(update: Pick<Update, "workload">): WorkloadModule {
  const id = workloadOf(update);
  const module = byId.get(id);
  if (module === undefined) throw new TypeError(`There is no workload ${id}.`);
  return module;
}

/** All of them, quality updates first. */
export function workloads(): readonly WorkloadModule[] {
  return [...byId.values()];
}
