import { lookAtFeatureDevices } from "../feature-devices/look.js";
import { type Objective, SUPPORTED_PERCENT } from "../feature-devices/objective.js";
import { onSupported } from "../feature-devices/support.js";
import type { Graph } from "../graph/graph.js";
import { GroupStatus, listGroups } from "../groups/store.js";
import { groupBy } from "../ledger/collections.js";
import { Workload } from "../updates/update.js";
import { followIncident, IncidentEnd, type RingAtLook, type SloIncident, supportIncidentId } from "./incident.js";

/** What the objective is about, for people. */
const SUPPORTED = "a supported Windows version";

/**
 * Looks at every group's share of devices on a Windows version that gets security updates: 99 % of those that are Healthy
 * have to be, at any time (autopatch.md §6.1, row 81). Devices count as in the report.
 * @param open incidents that are open, by id
 * @param now ms
 * @returns the incidents that were opened, updated or closed
 */
export async function lookAtSupport(
  graph: Graph,
  open: ReadonlyMap<string, SloIncident>,
  now: number,
): Promise<SloIncident[]> {
  const groups = (await listGroups()).filter(({ status }) => status !== GroupStatus.deleting);
  const { members, devices, catalogue } = await lookAtFeatureDevices(graph, now);
  const [membersOf, devicesOf] = [groupBy(members, byGroup), groupBy(devices, byGroup)];
  const looks = groups.map(({ id, definition }) => {
    const own = { members: membersOf.get(id) ?? [], devices: devicesOf.get(id) ?? [] };
    const objective = onSupported({ ...own, catalogue }, now);
    return atLook({ groupId: id, groupName: definition.name }, objective, now);
  });
  const known = new Set(groups.map(({ id }) => id));
  // Those of groups that are gone end.
  const gone = [...open.values()]
    .filter(({ releaseId, groupId }) => releaseId === null && !known.has(groupId))
    .map((incident) => ({ ...atLook(incident, NOBODY, now), over: IncidentEnd.withdrawn }));
  return [...looks, ...gone].flatMap((look) => {
    const incident = followIncident(open.get(supportIncidentId(look.groupId)), look, now);
    return incident === undefined ? [] : [incident];
  });
}

const byGroup = ({ group }: { readonly group: { readonly id: string } }): string => group.id;

const NOBODY: Objective = { objective: SUPPORTED_PERCENT, reached: 0, denominator: 0, percent: null, met: true };

function atLook(
  { groupId, groupName }: Pick<SloIncident, "groupId" | "groupName">,
  { objective, reached: upToDate, denominator, percent, met }: Objective,
  now: number,
): RingAtLook {
  return {
    ...{ workload: Workload.feature, releaseId: null, groupId, groupName, update: SUPPORTED, ring: null, objective },
    // It holds at any time.
    ...{ sloAt: now, expedited: false, over: null },
    compliance: { upToDate, denominator, percent, met: met !== false },
  };
}
