import { z } from "zod";
import { AppError } from "../../errors.js";
import type { Graph } from "../../graph/graph.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

const SOURCES = [
  { path: "/admin/serviceAnnouncement/messages", permission: "ServiceMessage.Read.All" },
  { path: "/admin/serviceAnnouncement/issues", permission: "ServiceHealth.Read.All" },
] as const;

/**
 * Whether what Microsoft says of updates can be shown with their releases (graph.md §4.1). Nothing else depends on it, so
 * that a missing permission is advice and no error.
 */
export const serviceCommunications: AssessmentCheck = {
  id: "serviceCommunications",
  area: "Microsoft Entra",
  name: "Service communications",
  optional: true,
  permission: SOURCES.map(({ permission }) => permission).join(" and "),
  async run(graph) {
    const missing: string[] = [];
    for (const { path, permission } of SOURCES) if (await isRefused(graph, path)) missing.push(permission);
    if (missing.length === 0) return ready("Message center posts and health issues can be read.");
    return {
      result: AssessmentResult.advisory,
      message: "Not everything that Microsoft says of updates can be shown with their releases.",
      todo: `Grant the application ${missing.join(" and ")} if it is wanted.`,
    };
  },
};

async function isRefused(graph: Graph, path: string): Promise<boolean> {
  try {
    await graph.get(path, { version: "v1.0", query: { $top: 1 }, schema: z.unknown() });
    return false;
  } catch (error) {
    if (error instanceof AppError && !error.retryable) return true;
    throw error;
  }
}
