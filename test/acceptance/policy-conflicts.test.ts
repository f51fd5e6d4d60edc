import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AffectedDevice, Conflict } from "../../shared/policies/conflicts/conflict.js";
import type { DeviceRecord } from "../../shared/registration/device.js";
import { call } from "../support/api.js";
import { directoryGroup } from "../support/directory.js";
import type { GraphReader } from "../support/graph.js";
import { COLLECTIONS, HOUR_MS, passTime, worldWithSales } from "../support/policies.js";
import { runTo, type World } from "../support/world.js";

const DAY_MS = 24 * HOUR_MS;
const RINGS = COLLECTIONS["update ring"];

let world: World;
let graph: GraphReader;
/** Devices of Ring3, which has the most. */
let ring3: DeviceRecord[];
beforeAll(async () => {
  ({ world, graph } = await worldWithSales(20));
  await passTime(world, HOUR_MS);
  const { value } = (await call<{ value: DeviceRecord[] }>(world, "GET", "/devices?top=1000")).body;
  ring3 = value.filter(({ groupId, ring }) => groupId === "sales" && ring === "Ring3");
});
afterAll(() => world?.stop());

const view = async <T = Conflict>(query = ""): Promise<T[]> =>
  (await call<{ value: T[] }>(world, "GET", `/policy-conflicts${query}`)).body.value;

async function refresh(): Promise<void> {
  await call(world, "POST", "/policy-conflicts/refresh");
  await world.settle();
}

/** An update ring that somebody else keeps. */
async function otherRing(displayName: string, targets: readonly object[], settings: object): Promise<string> {
  const type = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
  const { id } = await graph.post<{ id: string }>(RINGS, { "@odata.type": type, displayName, ...settings });
  await graph.post(`${RINGS}/${id}/assign`, { assignments: targets.map((target) => ({ target })) });
  return id;
}
const included = (groupId: string) => ({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId });
const excluded = (groupId: string) => ({ "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", groupId });

const objectIds = (devices: readonly DeviceRecord[]) => devices.map(({ objectId }) => objectId);
const names = (devices: readonly { readonly name: string | null }[]) => devices.map(({ name }) => name).sort();

function csv(accept?: string): Promise<Response> {
  const headers = { "x-functions-key": "function-key-of-the-tests", ...(accept === undefined ? {} : { accept }) };
  const path = accept === undefined ? "/policy-conflicts.csv" : "/policy-conflicts";
  return fetch(`${world.api.url}/api/v1${path}`, { headers });
}

describe("Conflict view", () => {
  it("row 101: is empty while nobody's policy says otherwise, and says nothing of one that reaches no ring", async () => {
    const nobody = await directoryGroup(graph, "Nobody");
    await otherRing("Unused", [included(nobody)], { qualityUpdatesDeferralPeriodInDays: 25 });
    await refresh();
    expect(await view()).toEqual([]);
  });

  it("row 101: shows a policy that reaches devices of a ring through a nested group, less those excluded", async () => {
    const inner = await directoryGroup(graph, "Night shift", objectIds(ring3.slice(0, 3)));
    const outer = await directoryGroup(graph, "Shifts", [inner]);
    const spared = await directoryGroup(graph, "Spared", objectIds(ring3.slice(2, 3)));
    await otherRing("Old ring", [included(outer), excluded(spared)], {
      qualityUpdatesDeferralPeriodInDays: 25,
      microsoftUpdateServiceAllowed: true,
    });
    await refresh();
    const [conflict, ...others] = await view();
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      expectedPolicy: expect.stringMatching(/^Ringmaster Sales - Ring3 update ring \[/),
      expectedGroup: "Sales - Ring3",
      conflictingPolicy: "Old ring",
      conflictingGroup: "Shifts",
      affectedDevices: 2,
    });
    expect(conflict?.conflictingSettings).toContain("qualityUpdatesDeferralPeriodInDays");
    expect(conflict?.conflictingSettings).not.toContain("microsoftUpdateServiceAllowed");
    expect(names(await view<AffectedDevice>("?tab=devices"))).toEqual(names(ring3.slice(0, 2)));
  });

  it("row 101: exports the columns of the service, one line per device, as file and by Accept", async () => {
    const answer = await csv();
    expect(answer.headers.get("content-type")).toMatch(/^text\/csv/);
    const text = await answer.text();
    const [head, ...lines] = text.trimEnd().split("\r\n");
    expect(head).toBe(
      "Device name,Deployment ring,Conflicting policies count,Last check-in,Expected policy name,Expected policy group,Conflicting policy group,Conflicting policy name",
    );
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatch(
        /^[^,]+,Ring3,1,2024-\d\d-\d\dT[^,]+,Ringmaster Sales - Ring3 .+,Sales - Ring3,Shifts,Old ring$/,
      );
    expect(await (await csv("text/csv")).text()).toBe(text);
  });

  it("row 101: is searched by the name of the expected or the conflicting policy", async () => {
    const found = [await view("?search=old%20ring"), await view("?search=Ring3"), await view("?search=Ring2")];
    expect(found.map((rows) => rows.length)).toEqual([1, 1, 0]);
    expect((await call(world, "GET", "/policy-conflicts?tab=rings")).status).toBe(400);
  });

  it("row 101: counts a device that synced 28 days ago, and not one that synced before", async () => {
    const [edge, stale] = ring3;
    const synced = (ms: number) => ({ lastSyncDateTime: new Date(world.now() - ms).toISOString() });
    world.tenant.patchDevice(edge?.deviceId ?? "", synced(28 * DAY_MS));
    world.tenant.patchDevice(stale?.deviceId ?? "", synced(28 * DAY_MS + 1000));
    await refresh();
    expect(names(await view<AffectedDevice>("?tab=devices"))).toEqual([edge?.name]);
  });

  it("row 101: refreshes by itself within a day of the conflict's end", async () => {
    for (const { id, displayName } of await graph.list<{ id: string; displayName: string }>(RINGS)) {
      if (displayName === "Old ring") await graph.delete(`${RINGS}/${id}`);
    }
    expect(await view()).toHaveLength(1);
    await runTo(world, world.now() + DAY_MS);
    expect(await view()).toEqual([]);
  });
});
