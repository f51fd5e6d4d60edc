import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decideDrivers, findDriverEntry, listDriverInventory } from "../../../../shared/graph/driver-inventories.js";
import type { Graph } from "../../../../shared/graph/graph.js";
import type { TestTenant } from "../../infra/local/tenant/support.js";
import { emulated, persistently } from "./emulated.js";

const DRIVERS = "/beta/deviceManagement/windowsDriverUpdateProfiles";

let test: TestTenant;
let graph: Graph;
let policyId: string;
/** In the inventory of the policy. */
let ids: string[];
beforeEach(async () => {
  ({ test, graph } = await emulated(0));
  const devices = test.devices(3, { attributes: { networkDriver: "Contoso 1.0" } });
  const groupId = await test.group(
    "drivers",
    devices.map(({ objectId }) => objectId),
  );
  const { json } = await test.post(DRIVERS, { displayName: "D", approvalType: "manual" });
  policyId = String(json.id);
  const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId };
  await test.post(`${DRIVERS}/${policyId}/assign`, { assignments: [{ target }] });
  for (const version of ["2.0", "3.0", "4.0"]) publish(version);
  test.pass(60);
  ids = (await listDriverInventory(graph, policyId)).map(({ id }) => id);
});
afterEach(() => test.discard());

const publish = (version: string) =>
  test.tenant.publishDriver({
    ...{ component: "Contoso - Net", manufacturer: "Contoso", driverClass: "Net", version },
    ...{ isRequired: true, releasedAt: test.clock.now(), deployableUntil: null },
  });
const approve = () => decideDrivers(graph, policyId, { action: "approve", ids, deployAt: null });
const approvedAt = async () => (await listDriverInventory(graph, policyId)).map(({ deployDateTime }) => deployDateTime);

describe("deciding about drivers", () => {
  it("leaves alone what is so already, and tells what is gone", async () => {
    expect([...(await approve()).values()]).toEqual(["changed", "changed", "changed"]);
    const first = await approvedAt();
    test.pass(3600);
    const again = await decideDrivers(graph, policyId, { action: "approve", ids: [...ids, "ff_1"], deployAt: null });
    expect([...again.values()].sort()).toEqual(["gone", "unchanged", "unchanged", "unchanged"]);
    expect(await approvedAt()).toEqual(first);
  });

  it("tells what Windows Update refused", async () => {
    await approve();
    const [first = ""] = ids;
    const outcomes = await decideDrivers(graph, policyId, { action: "decline", ids: [first], deployAt: null });
    expect(outcomes.get(first)).toBe("refused");
  });

  it.each(["unavailableAfterWrite", "resetAfterWrite"] as const)(
    "is done once when its answer is lost: %s",
    async (fault) => {
      test.tenant.faults.set({ [fault]: 1 });
      expect([...(await approve()).values()]).toEqual(["changed", "changed", "changed"]);
      const first = await approvedAt();
      test.pass(3600);
      await approve();
      expect(await approvedAt()).toEqual(first);
    },
  );

  it("comes to its end however often answers are lost, throttled or cut", async () => {
    const rate = 0.4;
    test.tenant.faults.set({
      ...{ throttle: { rate, retryAfterSeconds: 1 }, unavailableAfterWrite: rate, truncatedJson: rate },
    });
    await persistently(test, approve);
    test.tenant.faults.clear();
    const statuses = (await listDriverInventory(graph, policyId)).map(({ approvalStatus }) => approvalStatus);
    expect(statuses).toEqual(["approved", "approved", "approved"]);
  });

  it("says that a change is accepted while reading does not show it", async () => {
    test.tenant.faults.set({ readDelaySeconds: 60 });
    expect([...(await approve()).values()]).toEqual(["accepted", "accepted", "accepted"]);
  });
});

it("a driver is read from the catalogue, unless it was withdrawn", async () => {
  const [driverId = ""] = (ids[0] ?? "").split("_");
  expect((await findDriverEntry(graph, driverId))?.displayName).toMatch(/^Contoso - Net - /);
  test.tenant.withdrawDriver(driverId);
  expect(await findDriverEntry(graph, driverId)).toBeUndefined();
});
