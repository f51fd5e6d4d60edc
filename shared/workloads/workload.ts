import type { Graph } from "../graph/graph.js";
import type { Offering } from "../graph/offering/types.js";
import type { StoredGroup } from "../groups/store.js";
import type { DeviceRecord } from "../registration/device.js";
import type { RingPlan } from "../releases/plan.js";
import type { Release } from "../releases/store.js";
import type { Supersedence } from "../updates/supersedence.js";
import type { UpdateState } from "../updates/up-to-date.js";
import type { Update, Workload } from "../updates/update.js";

/** What is known of the software on a device, from Intune and from its agent's daily inventory. */
export interface DeviceVersions {
  /** `10.0.22631.3737`; null while Intune does not know it. */
  readonly osVersion: string | null;
  /** Versions of apps by workload, where the inventory has them. */
  readonly apps?: Readonly<Partial<Record<Workload, string>>>;
}

/** A pause that a person wants. */
export interface PersonalPause {
  readonly by: { readonly id: string; readonly name: string };
  /** ms */
  readonly at: number;
  readonly justification: string | null;
}

/** How updates of a workload reach devices. */
export const Offers = {
  /** By a policy of the release's own, wave by wave, as wide as the evidence allows. */
  metered: "metered",
  /** By a policy of the ring, or by the vendor, from a date on. A release measures it, and stops it where it has to. */
  standing: "standing",
} as const;
export type Offers = (typeof Offers)[keyof typeof Offers];

/**
 * What differs between update workloads; everything else (rings, waves, ledger, gate, cohorts, commands, questions) is
 * the same release machinery for all of them. Pure but for `pause`, `eligible` and `offering`.
 */
export interface WorkloadModule<U extends Update = Update> {
  readonly id: Workload;
  /** For people, in the plural: `Feature updates`. */
  readonly title: string;
  readonly offers: Offers;
  /** Where outcomes come from: agents as they happen, or the daily inventory. */
  readonly reports: "signals" | "inventory";
  /** Whether the service may pause by itself. Where it may not it holds and asks people (autopatch.md §6.5). */
  readonly servicePauses: boolean;
  /**
   * What of its updates nothing here can stop, and why, for people; absent: nothing. Updates none of which can be stopped
   * are measured and not judged; where cohorts cannot be, they are named to people and nothing is held.
   */
  readonly unstoppable?: { readonly what: "all" | "cohorts"; readonly because: string };
  /** Why people cannot do it; absent where they can. */
  readonly refuses?: Readonly<Partial<Record<"pause" | "rollBack" | "expedite", string>>>;
  /**
   * Pauses what offers the update in all rings of the release, because a person said so in answer to a question; absent
   * where a pause of the release does it. May be repeated.
   */
  pause?(release: Release, because: PersonalPause): Promise<void>;
  /** Rings of a group whose devices people have go back behind an update now, by what offers it; absent: nothing can. */
  goneBack?(update: U, group: StoredGroup): readonly string[];
  /** Percent of eligible devices that are to have the update on the ring's day; null where there is no objective. */
  readonly objective: number | null;
  /** The dates of every ring that takes part, in ring order; rings that are left out take no part. */
  plan(update: U, group: StoredGroup): RingPlan[];
  /** How far a newer update of the workload replaces an older one. */
  supersedence(newer: U, older: U): Supersedence;
  /** Whether a device has the update, lacks it, or has nothing to do with it. */
  stateOf(device: DeviceVersions, update: U): UpdateState;
  /**
   * Devices (Entra deviceId) that count in the objective: those that are labelled Healthy for the workload. Absent: all
   * that are ready.
   * @param now ms
   */
  eligible?(records: readonly DeviceRecord[], update: U, now: number): Promise<ReadonlySet<string>>;
  /** @param acting the same Graph as it is to be used, e.g. watched */
  offering(graph: Graph, acting: Graph): Promise<Offering>;
}
