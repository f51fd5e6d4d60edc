import type { Graph } from "../../graph/graph.js";
import { listRingDevices } from "../../graph/inventory.js";
import type { FoundPolicy } from "../../graph/policies/types.js";
import { absentWhenMissing } from "../../graph/settle.js";
import { updateRingArea } from "../../graph/update-rings.js";
import { type AssessmentCheck, AssessmentResult, ready, type Served } from "./check.js";

/** Every policy of the service carries such a tag in its name or description (shared/graph/names.ts). */
const TAG = /\[[0-9a-f]{12}\]/;

/** Update rings of the tenant's own that meet the service's devices, or all there are (autopatch.md §4.2). */
export const updateRings: AssessmentCheck = {
  id: "updateRings",
  area: "Intune",
  name: "Update rings for Windows",
  optional: false,
  permission: "DeviceManagementConfiguration.Read.All and GroupMember.Read.All",
  async run(graph, served) {
    const own = (await updateRingArea.list(graph)).filter(({ displayName, description }) => {
      return !TAG.test(`${displayName ?? ""} ${description ?? ""}`);
    });
    const subjects: string[] = [];
    for (const policy of own) {
      const reach = await reachOf(graph, policy, served);
      if (reach !== undefined) subjects.push(`${policy.displayName ?? policy.id}: ${reach}`);
    }
    if (subjects.length === 0) return ready("No update ring of the tenant's own reaches devices of the service.");
    return {
      result: AssessmentResult.advisory,
      message: `${subjects.length} update rings of the tenant's own reach devices of the service and would contradict its policies.`,
      todo: 'Exclude the directory group "Ringmaster - All devices" from them before the first device is registered.',
      subjects,
    };
  },
};

/** Whom of the service's devices the policy reaches, in words; undefined when none. */
async function reachOf(graph: Graph, policy: FoundPolicy, { deviceIds }: Served): Promise<string | undefined> {
  const { everyone, included, excluded } = policy;
  if (!everyone && included.length === 0) return undefined;
  const spared = await membersOf(graph, excluded);
  const targets = everyone ? deviceIds : await membersOf(graph, included);
  const reached = [...targets].filter((id) => deviceIds.has(id) && !spared.has(id));
  if (reached.length > 0) return `${reached.length} devices of the service`;
  // Nobody is registered yet: a policy for everybody will meet whoever is.
  return everyone && deviceIds.size === 0 ? "all devices" : undefined;
}

async function membersOf(graph: Graph, groupIds: readonly string[]): Promise<Set<string>> {
  const members = new Set<string>();
  for (const groupId of groupIds) {
    const devices = await absentWhenMissing(listRingDevices(graph, groupId, new Map()));
    for (const { deviceId } of devices ?? []) members.add(deviceId);
  }
  return members;
}
