import { createInterface } from "node:readline";
import { tenantManagementGraph } from "../../shared/graph/client.js";
import { ensureGroup } from "../../shared/graph/groups.js";
import { addMembers } from "../../shared/graph/members.js";
import { defaultGroup, FIRST_RING, LAST_RING } from "../../shared/groups/defaults.js";
import type { AutopatchGroupInput } from "../../shared/groups/group.js";
import { POOL_SHARES, ringSizes } from "./fleet/ring-sizes.js";
import { Api } from "./world/api.js";
import type { SeedInput } from "./world/seed-process.js";

/** Members per call, as many as one batch takes: 20 steps of 20. */
const MEMBERS_AT_ONCE = 400;

/**
 * Does what an administrator does first: puts devices into directory groups, enrols the tenant, and creates an Autopatch
 * group. The app discovers the devices and distributes them. Reads two lines of JSON from standard input: what to do, and
 * once the app has started, where its API answers. Ends with its parent; every step may be repeated.
 */
process.once("disconnect", () => process.exit(1));
process.channel?.unref();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const input = (await nextLine()) as SeedInput;
// What the administrator does, before the tenant is enrolled and the app may write.
const graph = tenantManagementGraph();

const sizes = ringSizes(input.objectIds.length);
const [test = 0, last = 0] = [sizes[0], sizes.at(-1)];
const testers = await directoryGroup("Patch testers", input.objectIds.slice(0, test));
const executives = await directoryGroup("Executives", input.objectIds.slice(test, test + last));
const workforce = await directoryGroup("Workforce devices", input.objectIds.slice(test + last));

const { api: address } = (await nextLine()) as { api: string };
const api = new Api(address, input.functionKey);
const { currentTerms } = await api.get<{ currentTerms: { version: string } }>("/tenant");
await api.send("POST", "/tenant/enrol", {
  termsVersion: currentTerms.version,
  acceptTerms: true,
  consent: true,
  contacts: [
    {
      name: "Ada Admin",
      email: "ada@contoso.example",
      phone: "+1 425 555 0100",
      language: "en",
      areas: ["Devices", "Updates"],
    },
  ],
});
for (const { oid, role } of input.people) await api.send("PUT", `/roles/assignments/${oid}`, { role });
await api.send("PUT", "/groups/workforce", { definition: definition() });

async function nextLine(): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error("The parent has ended.");
  return JSON.parse(value);
}

function definition(): AutopatchGroupInput {
  const { rings, ...group } = defaultGroup("Workforce");
  const shares = new Map<string, number>(POOL_SHARES.map(({ ring, percent }) => [ring, percent]));
  const assigned: Readonly<Record<string, string>> = { [FIRST_RING]: testers, [LAST_RING]: executives };
  return {
    ...group,
    dynamicGroupIds: [workforce],
    rings: rings.map((ring) => ({
      ...ring,
      distribution: { assignedGroupId: assigned[ring.name], dynamicPercent: shares.get(ring.name) },
    })),
    gate: { mode: input.gate },
  };
}

async function directoryGroup(displayName: string, objectIds: readonly string[]): Promise<string> {
  const uniqueName = `sample-${displayName.toLowerCase().replaceAll(" ", "-")}`;
  const { groupId } = await ensureGroup(graph, {
    uniqueName,
    displayName,
    description: "Devices of the sample fleet.",
  });
  for (let at = 0; at < objectIds.length; at += MEMBERS_AT_ONCE) {
    await addMembers(graph, groupId, objectIds.slice(at, at + MEMBERS_AT_ONCE));
  }
  return groupId;
}
