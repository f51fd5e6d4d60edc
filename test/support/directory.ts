import type { GraphReader } from "./graph.js";

/** A directory group as Graph shows it. */
export interface EntraGroup {
  readonly id: string;
  readonly displayName: string;
}

/** Makes a security group with these objects as members, as an administrator does; returns its id. */
export async function directoryGroup(
  graph: GraphReader,
  displayName: string,
  objectIds: readonly string[] = [],
): Promise<string> {
  const group = { displayName, mailEnabled: false, securityEnabled: true, mailNickname: `g${nickname(displayName)}` };
  const { id } = await graph.post<EntraGroup>("v1.0/groups", group);
  for (let from = 0; from < objectIds.length; from += 20) {
    const references = objectIds.slice(from, from + 20).map(reference);
    await graph.patch(`v1.0/groups/${id}`, { "members@odata.bind": references });
  }
  return id;
}

/** As many groups, by twenty to a call; returns their ids in order. */
export async function directoryGroups(graph: GraphReader, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < names.length; from += 20) {
    const requests = names.slice(from, from + 20).map((displayName, place) => ({
      id: String(place),
      method: "POST",
      url: "/groups",
      headers: { "Content-Type": "application/json" },
      body: { displayName, mailEnabled: false, securityEnabled: true, mailNickname: `g${nickname(displayName)}` },
    }));
    const { responses } = await graph.post<Batch>("v1.0/$batch", { requests });
    const byPlace = [...responses].sort((a, b) => Number(a.id) - Number(b.id));
    ids.push(...byPlace.map(({ body }) => body.id));
  }
  return ids;
}

interface Batch {
  readonly responses: readonly { readonly id: string; readonly body: EntraGroup }[];
}

/** Directory groups whose display names begin with the prefix, by display name. */
export async function groupsNamed(graph: GraphReader, prefix: string): Promise<Record<string, string>> {
  const filter = encodeURIComponent(`startswith(displayName,'${prefix}')`);
  const found = await graph.list<EntraGroup>(`v1.0/groups?$filter=${filter}&$select=id,displayName`);
  return Object.fromEntries(found.map(({ id, displayName }) => [displayName, id]));
}

/** Object ids of the direct members of a group, sorted. */
export async function membersOf(graph: GraphReader, groupId: string): Promise<string[]> {
  return (await graph.list<EntraGroup>(`v1.0/groups/${groupId}/members?$select=id`)).map(({ id }) => id).sort();
}

/** Object ids of the owners of a group, service principals included, sorted. */
export async function ownersOf(graph: GraphReader, groupId: string): Promise<string[]> {
  return (await graph.list<EntraGroup>(`beta/groups/${groupId}/owners?$select=id`)).map(({ id }) => id).sort();
}

/** Makes a user or a service principal an owner of a group, as an administrator does. */
export async function addOwner(graph: GraphReader, groupId: string, objectId: string): Promise<void> {
  await graph.post(`v1.0/groups/${groupId}/owners/$ref`, { "@odata.id": reference(objectId) });
}

function reference(objectId: string): string {
  return `https://graph.microsoft.com/v1.0/directoryObjects/${objectId}`;
}

function nickname(displayName: string): string {
  return displayName.replace(/[^A-Za-z0-9]/g, "").slice(0, 60);
}
