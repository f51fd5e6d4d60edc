import type { Graph } from "../../graph/graph.js";

/** What a check of the readiness assessment can say (autopatch.md §4.2). */
export const AssessmentResult = {
  /** Nothing to do. */
  ready: "Ready",
  /** The tenant may enrol; to be put right before the first device is registered. */
  advisory: "Advisory",
  /** Blocks enrolment. */
  notReady: "Not ready",
  /** The check could not run: a permission or a licence is missing. */
  error: "Error",
} as const;
export type AssessmentResult = (typeof AssessmentResult)[keyof typeof AssessmentResult];

export interface Finding {
  readonly result: AssessmentResult;
  /** What was found. */
  readonly message: string;
  /** What to do; absent when there is nothing. */
  readonly todo?: string;
  /** Names of what it is about: policies, devices, users. Dropped after 12 months. */
  readonly subjects?: readonly string[];
}

/** What the service has in the tenant, for checks that ask whether something touches it. */
export interface Served {
  /** Entra deviceIds of the registered devices. */
  readonly deviceIds: ReadonlySet<string>;
}

export interface AssessmentCheck {
  readonly id: string;
  readonly area: "Intune" | "Microsoft Entra" | "Intune and Microsoft Entra";
  readonly name: string;
  /** A check of 2022 that runs only when it is asked for. */
  readonly optional: boolean;
  /** Application permission without which it ends in Error. */
  readonly permission: string;
  /** Throws what Graph throws; a refusal becomes Error. */
  run(graph: Graph, served: Served): Promise<Finding>;
}

export function ready(message: string): Finding {
  return { result: AssessmentResult.ready, message };
}
