import { z } from "zod";
import type { Graph } from "../graph/graph.js";
import { guid } from "../graph/lenient.js";
import { segment } from "../graph/odata.js";
import { absentWhenMissing } from "../graph/settle.js";
import { type DeviceRecord, DeviceStatus } from "../registration/device.js";
import { enrolledTargets, type QualityPolicy, type Target } from "./policy.js";
import { listQualityPolicies } from "./store.js";

/** What tells whether a policy reaches a device. */
export type Reached = Pick<DeviceRecord, "objectId" | "status" | "groupId" | "ring">;

/** A device in a deployment ring. */
export interface RingMember {
  readonly objectId: string;
  readonly groupId: string;
  readonly ring: string;
}

/** Which policies devices are enrolled in: those assigned to a group of theirs, and those taken from it within a day. */
export class Coverage {
  /** @param members object ids of the devices in each directory group, nested ones included */
  constructor(
    readonly policies: readonly QualityPolicy[],
    private readonly members: ReadonlyMap<string, ReadonlySet<string>>,
    private readonly now: number,
  ) {}

  /** The policies of a device, the oldest first. */
  of(device: Reached): QualityPolicy[] {
    const own = this.policies.filter((policy) => this.covers(policy, device));
    return own.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  covers(policy: QualityPolicy, device: Reached): boolean {
    return enrolledTargets(policy, this.now).some((target) => this.reaches(target, device));
  }

  reaches(target: Target, { objectId, status, groupId, ring }: Reached): boolean {
    if (target.type === "directoryGroup") return this.members.get(target.id)?.has(objectId) === true;
    if (status !== DeviceStatus.registered || groupId !== target.groupId) return false;
    return target.type === "autopatchGroup" || ring === target.ring;
  }
}

/**
 * The coverage now; where there are no policies, or none of directory groups, Graph is not asked.
 * @param now ms
 * @param policies default: all
 */
export async function coverage(graph: Graph, now: number, policies?: readonly QualityPolicy[]): Promise<Coverage> {
  const all = policies ?? (await listQualityPolicies());
  const targets = all.flatMap((policy) => enrolledTargets(policy, now));
  const ids = new Set(targets.flatMap((target) => (target.type === "directoryGroup" ? [target.id] : [])));
  const members = new Map<string, ReadonlySet<string>>();
  for (const id of ids) members.set(id, await devicesIn(graph, id));
  return new Coverage(all, members, now);
}

const memberSchema = z.object({ id: guid });

/** Object ids of the devices of a directory group, nested ones included; none where the group is gone. */
async function devicesIn(graph: Graph, groupId: string): Promise<ReadonlySet<string>> {
  const reading = graph.list(`/groups/${segment(groupId)}/transitiveMembers/microsoft.graph.device`, {
    version: "v1.0",
    // A cast on a directory collection is an advanced query and needs both (graph.md §3.1).
    headers: { ConsistencyLevel: "eventual" },
    query: { $select: "id", $count: true, $top: 999 },
    schema: memberSchema,
  });
  return new Set(((await absentWhenMissing(reading)) ?? []).flatMap(({ id }) => id ?? []));
}
