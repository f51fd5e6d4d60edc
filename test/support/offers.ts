import type { GraphReader } from "./graph.js";
import type { ReleaseAnswer } from "./releases.js";

interface Named {
  readonly id: string;
  readonly displayName: string;
}

interface PolicyRing {
  readonly includedGroupAssignment?: { readonly assignments: readonly { readonly groupId: string }[] } | null;
}

interface IntuneAssignment {
  readonly target: { readonly groupId: string };
}

export const UPDATE_POLICIES = "beta/admin/windows/updates/policies";
export const INTUNE_POLICIES = "beta/deviceManagement/windowsQualityUpdatePolicies";

/** The policy of a release for a ring, in either model; undefined when there is none. */
export async function releasePolicy(
  graph: GraphReader,
  collection: string,
  release: ReleaseAnswer,
  ring: string,
): Promise<Named | undefined> {
  const named = ` ${release.group.name} - ${ring} ${release.id}`;
  return (await graph.list<Named>(collection)).find(({ displayName }) => displayName.includes(named));
}

/** Ids of the Entra groups that an update policy reaches (graph.md §1.9). */
export async function groupsOfUpdatePolicy(graph: GraphReader, policyId: string): Promise<string[]> {
  const rings = await graph.list<PolicyRing>(`${UPDATE_POLICIES}/${policyId}/rings`);
  return rings.flatMap(({ includedGroupAssignment: included }) => included?.assignments.map((a) => a.groupId) ?? []);
}

/** Ids of the Entra groups that an Intune quality update policy reaches (graph.md §2.2). */
export async function groupsOfIntunePolicy(graph: GraphReader, policyId: string): Promise<string[]> {
  const assignments = await graph.list<IntuneAssignment>(`${INTUNE_POLICIES}/${policyId}/assignments`);
  return assignments.map(({ target }) => target.groupId);
}

/** Directory object ids of the members of an Entra group, in order. */
export async function membersOf(graph: GraphReader, groupId: string): Promise<string[]> {
  return (await graph.list<{ id: string }>(`v1.0/groups/${groupId}/members?$select=id&$top=999`))
    .map(({ id }) => id)
    .sort();
}
