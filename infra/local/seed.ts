import { text } from "node:stream/consumers";
import { graphClient } from "../../shared/graph/client.js";
import { ensureGroup } from "../../shared/graph/groups.js";
import { addMembers } from "../../shared/graph/members.js";
import { defaultGroup } from "../../shared/groups/defaults.js";
import { ringSizes } from "./fleet/ring-sizes.js";
import { Api } from "./world/api.js";
import type { SeedInput } from "./world/seed-process.js";

/** Members per call, as many as one batch takes: 20 steps of 20. */
const MEMBERS_AT_ONCE = 400;

/**
 * Makes a tenant ready for its first release: ring groups with their devices through Graph, and the Autopatch group
 * through the app's API. Reads its input from standard input, and ends with its parent; every step may be repeated.
 */
process.once("disconnect", () => process.exit(1));
process.channel?.unref();
const input = JSON.parse(await text(process.stdin)) as SeedInput;
const graph = graphClient();
const definition = { ...defaultGroup("Workforce"), gate: { mode: input.gate } };
const sizes = ringSizes(input.objectIds.length);
const bindings: Record<string, { entraGroupId: string }> = {};

let next = 0;
for (const [index, { name }] of definition.rings.entries()) {
  const { groupId } = await ensureGroup(graph, {
    uniqueName: `ringmaster-workforce-${name.toLowerCase()}`,
    displayName: `Workforce - ${name}`,
    description: `Devices of deployment ring ${name}.`,
  });
  const members = input.objectIds.slice(next, next + (sizes[index] ?? 0));
  for (let at = 0; at < members.length; at += MEMBERS_AT_ONCE) {
    await addMembers(graph, groupId, members.slice(at, at + MEMBERS_AT_ONCE));
  }
  bindings[name] = { entraGroupId: groupId };
  next += members.length;
}
await new Api(input.api, input.functionKey).send("PUT", "/groups/workforce", { definition, bindings });
