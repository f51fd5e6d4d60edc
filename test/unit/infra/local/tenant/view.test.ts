import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assignment, device, RING_BODY, TestTenant } from "./support.js";

const JUNE = "10.0.22631.3737";
const MAY = "10.0.22631.3593";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-11T18:00:00Z" });
  test.devices(4);
});
afterEach(() => test.discard());

const offer = (nth: number) => test.tenant.view(device(nth).deviceId).offer;
const reference = (nth: number) => ({
  "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${device(nth).objectId}`,
});

async function groupOf(name: string, members: readonly number[]): Promise<string> {
  const id = await test.group(
    name,
    members.map((nth) => device(nth).objectId),
  );
  test.pass(31);
  return id;
}

async function approved(group: string, excluded: readonly string[] = [], ring: object = {}) {
  const paths = await test.policy([group], excluded, ring);
  return { ...paths, approval: await test.approve(paths.policy, "2024.06 B") };
}

describe("what a device is offered", () => {
  it("is nothing without an approval", async () => {
    await test.policy([await groupOf("ring", [0])]);
    expect(offer(0)).toBeUndefined();
  });

  it("is the approved update, for members of the included group only", async () => {
    await approved(await groupOf("ring", [0]));
    expect(offer(0)).toMatchObject({ kb: "KB5039212", build: JUNE });
    expect(offer(1)).toBeUndefined();
  });

  it("is the revision for the device's version of Windows", async () => {
    test.tenant.addDevices([{ ...device(0), product: "Windows 10", version: "22H2", osVersion: "10.0.19045.4412" }]);
    await approved(await groupOf("ring", [0]));
    expect(offer(0)?.build).toBe("10.0.19045.4529");
  });

  it("is nothing when the update has no revision for that version", async () => {
    test.tenant.addDevices([{ ...device(0), version: "24H2", osVersion: "10.0.26100.1" }]);
    await approved(await groupOf("ring", [0]));
    expect(offer(0)).toBeUndefined();
  });

  it("is withheld from an excluded group", async () => {
    await approved(await groupOf("ring", [0, 1]), [await groupOf("held", [1])]);
    expect([offer(0)?.build, offer(1)]).toEqual([JUNE, undefined]);
  });

  it("reaches devices of a group inside the group", async () => {
    const inner = await groupOf("inner", [0]);
    const outer = await test.group("outer", [inner]);
    test.pass(31);
    await approved(outer);
    expect(offer(0)?.build).toBe(JUNE);
  });

  it("ends while the approval is suspended", async () => {
    const { approval } = await approved(await groupOf("ring", [0]));
    await test.call("PATCH", approval, { status: "suspended" });
    expect(offer(0)).toBeUndefined();
  });

  it("falls back to the predecessor of another policy while suspended", async () => {
    const group = await groupOf("ring", [0]);
    const standing = await test.policy([group]);
    await test.approve(standing.policy, "2024.05 B");
    const { approval } = await approved(group);
    expect(offer(0)?.build).toBe(JUNE);
    await test.call("PATCH", approval, { status: "suspended" });
    expect(offer(0)?.build).toBe(MAY);
  });

  it("ends while the ring is paused", async () => {
    const { ring } = await approved(await groupOf("ring", [0]));
    await test.call("PATCH", ring, { ...RING_BODY, isPaused: true });
    expect(offer(0)).toBeUndefined();
  });

  it("waits for the ring's deferral after publication", async () => {
    await approved(await groupOf("ring", [0]), [], { deferralInDays: 3 });
    test.clock.advance(Date.parse("2024-06-14T16:59:59Z"));
    expect(offer(0)).toBeUndefined();
    test.clock.advance(Date.parse("2024-06-14T17:00:00Z"));
    expect(offer(0)).toMatchObject({ build: JUNE, since: Date.parse("2024-06-14T17:00:00Z") });
  });

  it("ends with the policy", async () => {
    const { policy } = await approved(await groupOf("ring", [0]));
    await test.call("DELETE", policy);
    expect(offer(0)).toBeUndefined();
  });
});

describe("when a change reaches devices", () => {
  it("takes 30 seconds from the directory", async () => {
    const group = await groupOf("ring", []);
    await approved(group);
    await test.post(`/v1.0/groups/${group}/members/$ref`, reference(2));
    test.pass(29);
    expect(offer(2)).toBeUndefined();
    test.pass(1);
    expect(offer(2)).toMatchObject({ build: JUNE, since: test.clock.now() });
  });

  it("tells which devices to look at, and no others", async () => {
    const group = await groupOf("ring", [0, 1]);
    const told = new Set<string>();
    test.tenant.onChange((devices) => {
      for (const id of devices) told.add(id);
    });
    await approved(group);
    expect(told).toEqual(new Set([device(0).deviceId, device(1).deviceId]));
  });

  it("keeps the time of the first offer when another policy takes it over", async () => {
    const group = await groupOf("ring", [0]);
    const release = await approved(group);
    const since = offer(0)?.since;
    test.pass(86_400);
    const standing = await test.policy([group]);
    await test.approve(standing.policy, "2024.06 B");
    await test.call("DELETE", release.policy);
    expect(offer(0)?.since).toBe(since);
  });

  it("counts anew after an interruption", async () => {
    const { approval } = await approved(await groupOf("ring", [0]));
    await test.call("PATCH", approval, { status: "suspended" });
    test.pass(3600);
    await test.call("PATCH", approval, { status: "approved" });
    expect(offer(0)?.since).toBe(test.clock.now());
  });

  it("opens wave by wave as groups are added to the ring", async () => {
    const waves = [await groupOf("wave-1", [0]), await groupOf("wave-2", [1])];
    const { ring } = await approved(waves[0] ?? "");
    expect([offer(0)?.build, offer(1)]).toEqual([JUNE, undefined]);
    await test.call("PATCH", ring, { ...RING_BODY, includedGroupAssignment: assignment(waves) });
    expect(offer(1)?.build).toBe(JUNE);
  });
});
