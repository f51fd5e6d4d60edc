import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { device, INTUNE, items, TestTenant } from "./support.js";

const TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
const RINGS = `${INTUNE}/deviceConfigurations`;
const DAY = 86_400;

let test: TestTenant;
let path: string;

beforeEach(async () => {
  test = await TestTenant.start();
  test.devices(2);
  const { json } = await test.post(RINGS, {
    "@odata.type": TYPE,
    displayName: "Ring1",
    deadlineForQualityUpdatesInDays: 2,
    deadlineGracePeriodInDays: 2,
    automaticUpdateMode: "windowsDefault",
  });
  path = `${RINGS}/${json.id}`;
});
afterEach(() => test.discard());

const patch = (body: object) => test.call("PATCH", path, { "@odata.type": TYPE, ...body });
const ring = async () => (await test.get(path)).json;
const view = (nth: number) => test.tenant.view(device(nth).deviceId).ring;

async function assign(group: string): Promise<void> {
  const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: group };
  const answer = await test.post(`${path}/assign`, { assignments: [{ target }] });
  expect(answer.status).toBe(200);
}

describe("update rings", () => {
  it("needs the type in the body", async () => {
    expect((await test.call("PATCH", path, { qualityUpdatesPaused: true })).status).toBe(400);
  });

  it.each([
    ["qualityUpdatesDeferralPeriodInDays", 30, 31],
    ["deadlineForQualityUpdatesInDays", 30, 31],
    ["deadlineGracePeriodInDays", 7, 8],
    ["featureUpdatesRollbackWindowInDays", 2, 1],
    ["featureUpdatesRollbackWindowInDays", 60, 61],
    ["automaticUpdateMode", "windowsDefault", "whenever"],
  ])("accepts %s = %s and refuses %s", async (name, good, bad) => {
    expect((await patch({ [name]: good })).status).toBe(200);
    expect((await patch({ [name]: bad })).status).toBe(400);
    expect((await ring())[name]).toBe(good);
  });

  it("raises the version with every change", async () => {
    const before = (await ring()).version as number;
    await patch({ description: "changed" });
    expect((await ring()).version).toBe(before + 1);
  });

  it("pauses for 35 days, then goes on by itself", async () => {
    await patch({ qualityUpdatesPaused: true });
    expect(await ring()).toMatchObject({
      qualityUpdatesPauseExpiryDateTime: "2024-07-16T12:00:00Z",
      qualityUpdatesPauseStartDate: "2024-06-11",
    });
    test.pass(35 * DAY - 1);
    expect(await ring()).toMatchObject({ qualityUpdatesPaused: true });
    test.pass(1);
    expect(await ring()).toMatchObject({ qualityUpdatesPaused: false });
  });

  it("extends a running pause to 35 days from then on", async () => {
    await patch({ qualityUpdatesPaused: true });
    test.pass(10 * DAY);
    expect((await test.post(`${path}/extendQualityUpdatesPause`, {})).status).toBe(204);
    expect((await ring()).qualityUpdatesPauseExpiryDateTime).toBe("2024-07-26T12:00:00Z");
  });

  it("refuses to extend a pause that is not running", async () => {
    expect((await test.post(`${path}/extendQualityUpdatesPause`, {})).status).toBe(400);
  });

  it("notes when a roll-back was ordered, and pauses", async () => {
    await patch({ qualityUpdatesWillBeRolledBack: true });
    expect(await ring()).toMatchObject({
      qualityUpdatesPaused: true,
      qualityUpdatesRollbackStartDateTime: "2024-06-11T12:00:00Z",
    });
  });

  it("tells the devices of the assigned group deadline and grace, and nobody else", async () => {
    await assign(await test.group("ring", [device(0).objectId]));
    test.pass(31);
    expect(view(0)).toMatchObject({ deadlineDays: 2, graceDays: 2, qualityPaused: false, rollBackQuality: false });
    expect(view(1)).toBeUndefined();
  });

  it("tells devices of a pause and of its end", async () => {
    await assign(await test.group("ring", [device(0).objectId]));
    test.pass(31);
    await patch({ qualityUpdatesPaused: true });
    expect(view(0)?.qualityPaused).toBe(true);
    const told: unknown[] = [];
    test.tenant.onChange((devices) => told.push(...devices));
    test.pass(35 * DAY);
    expect(view(0)?.qualityPaused).toBe(false);
    expect(told).toContain(device(0).deviceId);
  });

  it("tells devices of a roll-back and since when", async () => {
    await assign(await test.group("ring", [device(0).objectId]));
    test.pass(31);
    await patch({ qualityUpdatesWillBeRolledBack: true });
    expect(view(0)).toMatchObject({ rollBackQuality: true, rollBackSince: test.clock.now() });
  });

  it("replaces the whole assignment", async () => {
    await assign(await test.group("one", [device(0).objectId]));
    await assign(await test.group("two", [device(1).objectId]));
    test.pass(31);
    expect([view(0), view(1)]).toEqual([undefined, expect.objectContaining({ deadlineDays: 2 })]);
    expect(items(await test.get(`${path}/assignments`))).toHaveLength(1);
  });

  it("refuses an assignment to a group that does not exist", async () => {
    const target = {
      "@odata.type": "#microsoft.graph.groupAssignmentTarget",
      groupId: "11111111-0000-4000-a000-000000000000",
    };
    expect((await test.post(`${path}/assign`, { assignments: [{ target }] })).status).toBe(400);
  });

  it("is found by its type", async () => {
    const answer = await test.get(`${RINGS}?$filter=isof('microsoft.graph.windowsUpdateForBusinessConfiguration')`);
    expect(items(answer)).toMatchObject([{ displayName: "Ring1" }]);
  });
});
