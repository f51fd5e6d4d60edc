import { randomUUID } from "node:crypto";
import { hash32 } from "../../../../shared/random.js";

/**
 * A source of ids of 32 hex digits. With a seed the ids are the same in every run; `incarnation` tells restarts on the
 * same storage apart, so that a restarted host never repeats an id of its predecessor.
 */
export function idSource(seed: number | undefined, incarnation: number): () => string {
  if (seed === undefined) return () => randomUUID().replaceAll("-", "");
  let count = 0;
  return () => {
    count++;
    return [0, 1, 2, 3].map((part) => hash32(seed, incarnation, count, part).toString(16).padStart(8, "0")).join("");
  };
}
