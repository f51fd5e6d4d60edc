import type { Graph } from "../../../../shared/graph/graph.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { type AutopatchGroupInput, groupSchema } from "../../../../shared/groups/group.js";
import { type StoredGroup, storedGroupSchema } from "../../../../shared/groups/store.js";
import type { EnsureInput } from "../../../../shared/policies/ensure.js";
import { emulated } from "../graph/emulated.js";
import { emptyTables } from "./memory-tables.js";

export const AT = Date.parse("2024-06-11T12:00:00Z");

/** A tenant in which an Autopatch group `Northwind` has a directory group for every ring and a parent, and all devices one. */
export async function tenantWithGroup(definition: Partial<AutopatchGroupInput> = {}) {
  emptyTables();
  const { test, graph, tokens } = await emulated(0);
  const directoryGroup = async (displayName: string): Promise<string> => {
    const mailNickname = `ringmaster-${displayName.replaceAll(" ", "")}`;
    const body = { displayName, mailNickname, mailEnabled: false, securityEnabled: true };
    return String((await test.post("/v1.0/groups", body)).json.id);
  };
  const group = await storedGroup(definition, directoryGroup, test.tenant.servicePrincipalId);
  const allDevicesGroupId = await directoryGroup("Ringmaster - All devices");
  test.pass(60);
  const input: EnsureInput = { group, running: {}, allDevicesGroupId, at: AT };
  return { test, graph: counted(graph), group, input, renewToken: tokens.renew };
}

async function storedGroup(
  definition: Partial<AutopatchGroupInput>,
  make: (name: string) => Promise<string>,
  owner: string,
): Promise<StoredGroup> {
  const whole = groupSchema.parse({ ...defaultGroup("Northwind"), ...definition });
  const bindings: Record<string, { entraGroupId: string }> = {};
  for (const { name } of whole.rings) bindings[name] = { entraGroupId: await make(`Northwind - ${name}`) };
  const parentGroupId = await make("Northwind - All rings");
  const made = [...Object.values(bindings).map(({ entraGroupId }) => entraGroupId), parentGroupId];
  const owners = Object.fromEntries(made.map((id) => [id, [owner]]));
  return storedGroupSchema.parse({ id: "northwind", definition: whole, bindings, parentGroupId, owners });
}

export interface CountedGraph extends Graph {
  /** Calls that were sent, as `method path`; a list of several pages counts once. */
  readonly calls: string[];
  /** Those that write; the service writes no policy through `$batch`. */
  readonly writes: string[];
}

function counted(graph: Graph): CountedGraph {
  const calls: string[] = [];
  const writes: string[] = [];
  const spied = Object.entries(graph).map(([method, call]: [string, (path: string, ...rest: never[]) => unknown]) => {
    const noted = (path: string, ...rest: never[]) => {
      calls.push(`${method} ${path}`);
      if (!["get", "list", "pages"].includes(method) && path !== "/$batch") writes.push(`${method} ${path}`);
      return call(path, ...rest);
    };
    return [method, noted];
  });
  return { ...(Object.fromEntries(spied) as unknown as Graph), calls, writes };
}
