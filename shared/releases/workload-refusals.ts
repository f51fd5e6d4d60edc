import { AppError } from "../errors.js";
import { workloadFor } from "../workloads/index.js";
import type { Release } from "./store.js";

/** Throws `rule_violated` for what the workload of a release does not allow, saying why and what does instead. */
export function refuseInWorkload({ id, update }: Pick<Release, "id" | "update">, act: string): void {
  const { title, refuses = {} } = workloadFor(update);
  const because = Object.entries(refuses).find(([refused]) => refused === act)?.[1];
  if (because === undefined) return;
  const message = `Release ${id} does not take ${act}: ${because}. Nothing was changed.`;
  throw new AppError("rule_violated", message, {
    field: "command",
    details: { rule: "workload", workload: title, act },
  });
}
