import { AppError } from "../errors.js";
import type { Graph } from "./graph.js";

export interface Watched {
  readonly graph: Graph;
  /** Whether anything was sent through it that changed the tenant, or may have. */
  hasWritten(): boolean;
}

/** The same Graph, which remembers whether it wrote: who only found everything in order did nothing. */
export function watched(graph: Graph): Watched {
  let written = false;
  const noting =
    <A extends unknown[], R>(write: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      try {
        const done = await write(...given);
        written = true;
        return done;
      } catch (error) {
        written ||= mayBeDone(error);
        throw error;
      }
    };
  const { get, pages, list, post, patch, put, delete: remove, batch } = graph;
  return {
    graph: {
      get,
      pages,
      list,
      post: noting(post),
      patch: noting(patch),
      put: noting(put),
      delete: noting(remove),
      batch: noting(batch),
    },
    hasWritten: () => written,
  };
}

/** Whether a write that failed so may have been carried out: its answer was lost. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof AppError && error.retryable && error.code !== "throttled";
}
