import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assignment, errorOf, items, POLICY_BODY, RING_BODY, TestTenant, UPDATES } from "./support.js";

const POLICIES = `${UPDATES}/policies`;
const UNKNOWN = "11111111-0000-4000-a000-000000000000";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-12T00:00:00Z" });
});
afterEach(() => test.discard());

describe("policies of the group model", () => {
  it.each([
    ["displayName", 200],
    ["description", 1500],
  ])("takes a %s of %i characters and refuses one more", async (name, length) => {
    const body = (count: number) => ({ ...POLICY_BODY, [name]: "x".repeat(count) });
    expect((await test.post(POLICIES, body(length))).status).toBe(201);
    expect((await test.post(POLICIES, body(length + 1))).status).toBe(400);
  });

  it("wants a description and a type", async () => {
    const { description: _description, ...silent } = POLICY_BODY;
    const { "@odata.type": _type, ...untyped } = POLICY_BODY;
    expect((await test.post(POLICIES, silent)).status).toBe(400);
    expect((await test.post(POLICIES, untyped)).status).toBe(400);
  });

  it("deletes a policy with its rings and approvals", async () => {
    const { policy, ring } = await test.policy([]);
    const approval = await test.approve(policy, "2024.06 B");
    expect((await test.call("DELETE", policy)).status).toBe(204);
    const answers = await Promise.all([test.get(policy), test.get(ring), test.get(approval)]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it("expands rings and approvals", async () => {
    const { policy } = await test.policy([]);
    await test.approve(policy, "2024.06 B");
    const { json } = await test.get(`${policy}?$expand=rings,approvals`);
    expect(json).toMatchObject({ rings: [{ displayName: "Ring" }], approvals: [{ status: "approved" }] });
  });
});

describe("rings", () => {
  it.each([30, 31])("judges a deferral of %i days", async (deferralInDays) => {
    const { policy } = await test.policy([]);
    const answer = await test.post(`${policy}/rings`, { ...RING_BODY, deferralInDays });
    expect(answer.status).toBe(deferralInDays > 30 ? 400 : 201);
  });

  it("refuses a group that does not exist", async () => {
    const { policy } = await test.policy([]);
    const body = { ...RING_BODY, includedGroupAssignment: assignment([UNKNOWN]) };
    expect((await test.post(`${policy}/rings`, body)).status).toBe(400);
  });

  it("refuses a group until 30 seconds after it was made", async () => {
    const { policy } = await test.policy([]);
    const body = { ...RING_BODY, includedGroupAssignment: assignment([await test.group("fresh")]) };
    test.pass(29);
    expect((await test.post(`${policy}/rings`, body)).status).toBe(400);
    test.pass(1);
    expect((await test.post(`${policy}/rings`, body)).status).toBe(201);
  });

  it("replaces the whole list of groups", async () => {
    const groups = [await test.group("a"), await test.group("b")];
    test.pass(30);
    const { ring } = await test.policy(groups.slice(0, 1));
    const answer = await test.call("PATCH", ring, {
      ...RING_BODY,
      includedGroupAssignment: assignment(groups.slice(1)),
    });
    expect(answer.json.includedGroupAssignment).toMatchObject({ assignments: [{ groupId: groups[1] }] });
  });

  it("is found only below its own policy", async () => {
    const one = await test.policy([]);
    const other = await test.policy([]);
    const id = one.ring.split("/").at(-1);
    expect((await test.get(`${other.policy}/rings/${id}`)).status).toBe(404);
  });
});

describe("approvals", () => {
  it("suspends and approves again", async () => {
    const { policy } = await test.policy([]);
    const approval = await test.approve(policy, "2024.06 B");
    expect((await test.call("PATCH", approval, { status: "suspended" })).json.status).toBe("suspended");
    await test.call("PATCH", approval, { status: "approved" });
    expect((await test.get(approval)).json.status).toBe("approved");
  });

  it("refuses an update that is not in the catalogue", async () => {
    const { policy } = await test.policy([]);
    const body = { catalogEntryId: "none", status: "approved" };
    expect((await test.post(`${policy}/approvals`, body)).status).toBe(400);
  });

  it("cannot be deleted", async () => {
    const { policy } = await test.policy([]);
    const answer = await test.call("DELETE", await test.approve(policy, "2024.06 B"));
    expect([answer.status, errorOf(answer).message]).toEqual([400, "Deleting an approval is not supported."]);
  });

  it("makes a second approval when it is asked twice", async () => {
    const { policy } = await test.policy([]);
    await test.approve(policy, "2024.06 B");
    await test.approve(policy, "2024.06 B");
    expect(items(await test.get(`${policy}/approvals`))).toHaveLength(2);
  });
});
