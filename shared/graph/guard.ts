import { z } from "zod";
import type { Graph } from "./graph.js";

/**
 * The same Graph whose writes pass `permit` first: while the tenant is Inactive the service takes no action in it
 * (autopatch.md §4.7). Reads are never held up.
 */
export function guarded(graph: Graph, permit: () => Promise<void>): Graph {
  const { get, pages, list, post, patch, put, delete: remove, batch } = graph;
  const write =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await permit();
      return call(...given);
    };
  return {
    get,
    pages,
    list,
    post: (path, body, options) => (isRead(path, body) ? post : write(post))(path, body, options),
    patch: write(patch),
    put: write(put),
    delete: write(remove),
    batch: write(batch),
  };
}

const readSteps = z.object({ requests: z.array(z.object({ method: z.literal("GET") })) });

/** A `$batch` whose every step reads is a read. */
function isRead(path: string, body: unknown): boolean {
  return path === "/$batch" && readSteps.safeParse(body).success;
}
