import { afterEach, describe, expect, it } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { ringGroupsInTenant, withRingGroups } from "../../../../shared/groups/ring-groups.js";
import { storedGroupSchema } from "../../../../shared/groups/store.js";
import { emulated } from "../graph/emulated.js";

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

/** An Autopatch group whose directory groups were just made. */
async function made() {
  const { test, graph } = await emulated(0);
  stop = () => test.discard();
  const before = storedGroupSchema.parse({ id: "northwind", definition: defaultGroup("Northwind"), bindings: {} });
  const group = withRingGroups(before, await ringGroupsInTenant(graph, before));
  const ringGroupIds = Object.values(group.bindings).map(({ entraGroupId }) => entraGroupId);
  return { test, graph, group, ringGroupIds };
}

describe("the record of an Autopatch group", () => {
  it("names the service as the owner of the directory groups that it made", async () => {
    const { test, group, ringGroupIds } = await made();
    const self = [test.tenant.servicePrincipalId];
    const ids = [...ringGroupIds, group.parentGroupId ?? ""];
    expect(group.owners).toEqual(Object.fromEntries(ids.map((id) => [id, self])));
  });

  it("keeps the first owners of a directory group that got others", async () => {
    const { test, graph, group, ringGroupIds } = await made();
    const owner = `https://graph.microsoft.com/v1.0/directoryObjects/${test.tenant.administrationPrincipalId}`;
    await test.post(`/v1.0/groups/${ringGroupIds[0]}/owners/$ref`, { "@odata.id": owner });
    expect(withRingGroups(group, await ringGroupsInTenant(graph, group))).toBe(group);
  });

  it("forgets the owners of a directory group that was made anew", async () => {
    const { test, graph, group, ringGroupIds } = await made();
    await test.call("DELETE", `/v1.0/groups/${ringGroupIds[0]}`);
    const after = withRingGroups(group, await ringGroupsInTenant(graph, group));
    expect(Object.keys(after.owners ?? {})).not.toContain(ringGroupIds[0]);
    expect(Object.keys(after.owners ?? {})).toHaveLength(ringGroupIds.length + 1);
  });
});
