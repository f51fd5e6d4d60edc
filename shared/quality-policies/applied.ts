import type { Graph } from "../graph/graph.js";
import type { DeviceRecord } from "../registration/device.js";
import { publishedUpdates } from "./catalogue.js";
import { coverage, type Reached } from "./coverage.js";
import { deviceTarget } from "./device-target.js";
import type { QualityPolicy } from "./policy.js";
import { listQualityPolicies } from "./store.js";

/** Tells which policy with approvals decides for a device. */
export interface AppliedPolicies {
  readonly policies: readonly QualityPolicy[];
  /** Null for a device in none. @param build as Intune says it now; default: that of the register */
  of(device: Reached & Pick<DeviceRecord, "managed">, build?: string | null): QualityPolicy | null;
}

/** The policies that decide for devices now; Graph is asked only where there are any. @param now ms */
export async function appliedPolicies(graph: Graph, now: number): Promise<AppliedPolicies> {
  const policies = await listQualityPolicies();
  if (policies.length === 0) return { policies, of: () => null };
  const [covered, updates] = [await coverage(graph, now, policies), await publishedUpdates(graph, now)];
  return {
    policies,
    of(device, build = device.managed?.osVersion ?? null) {
      return deviceTarget({ policies: covered.of(device), ring: null, build }, updates, now).policy;
    },
  };
}
