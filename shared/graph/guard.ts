import type { Graph } from "./graph.js";

/**
 * The same Graph whose writes pass `permit` first: while the tenant is Inactive the service takes no action in it
 * (autopatch.md §4.7). Reads are never held up.
 */
export function guarded(graph: Graph, permit: () => Promise<void>): Graph {
  return {
    ...graph,
    async post(...call) {
      await permit();
      return graph.post(...call);
    },
    async patch(...call) {
      await permit();
      return graph.patch(...call);
    },
    async put(...call) {
      await permit();
      return graph.put(...call);
    },
    async delete(...call) {
      await permit();
      return graph.delete(...call);
    },
    async batch(...call) {
      await permit();
      return graph.batch(...call);
    },
  };
}
