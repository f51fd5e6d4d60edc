import { describe, expect, it } from "vitest";
import { objectDescription, objectName, tagOf } from "../../../../shared/graph/names.js";
import { offering } from "../../../../shared/graph/offering/offering.js";
import type { ReleasePolicyRef, RingTarget } from "../../../../shared/graph/offering/types.js";
import { type Exchange, errorBody, script } from "./scripted.js";

const GROUP = "6f000000-0000-4000-8000-000000000001";
const WAVE = "6f000000-0000-4000-8000-0000000000a1";
const HELD = "6f000000-0000-4000-8000-0000000000b1";
const RING: RingTarget = {
  groupId: "contoso",
  groupName: "Contoso",
  ringName: "Ring1",
  entraGroupId: GROUP,
  updateRingPolicyId: "u1",
  hotpatch: true,
};
const KEY = "2026.11 B";
const ENTRY = "9b1d0c6e";
const TAG = tagOf(RING, KEY);
const POLICIES = "/beta/admin/windows/updates/policies";
const TYPES = "#microsoft.graph.windowsUpdates";

const probe: Exchange = { on: `GET ${POLICIES}`, body: { value: [] } };
const policy = (id: string, purpose = KEY, createdDateTime = "2026-11-11T00:00:00Z") => ({
  id,
  displayName: objectName(RING, purpose),
  description: "",
  createdDateTime,
});
const policies = (...value: unknown[]): Exchange => ({ on: `GET ${POLICIES}`, body: { value } });
const ring = (included: string[] = [], excluded: string[] = [], more: object = {}) => ({
  id: "r1",
  displayName: objectName(RING, KEY),
  description: "d",
  deferralInDays: 0,
  isPaused: false,
  isHotpatchEnabled: true,
  includedGroupAssignment: { assignments: included.map((groupId) => ({ groupId })) },
  excludedGroupAssignment: { assignments: excluded.map((groupId) => ({ groupId })) },
  ...more,
});
const rings = (...value: unknown[]): Exchange => ({ on: `GET ${POLICIES}/p1/rings`, body: { value } });
const readRing = (value: unknown): Exchange => ({ on: `GET ${POLICIES}/p1/rings/r1`, body: value });
const patchRing: Exchange = { on: `PATCH ${POLICIES}/p1/rings/r1`, body: {} };
const approvals = (...statuses: string[]): Exchange => ({
  on: `GET ${POLICIES}/p1/approvals`,
  body: { value: statuses.map((status, at) => ({ id: `a${at + 1}`, catalogEntryId: ENTRY, status })) },
});
const absent = (on: string): Exchange => ({ on, status: 404, body: errorBody("ResourceNotFound") });
const REF: ReleasePolicyRef = { model: "policies", policyId: "p1", ringId: "r1", catalogEntryId: ENTRY, tag: TAG };
const groupsOf = (tag: string) =>
  `GET /v1.0/groups?$filter=startswith(displayName,'Ringmaster ${tag} ')&$select=id,displayName`;

async function served(...exchanges: Exchange[]) {
  const play = script(probe, ...exchanges);
  return { ...play, service: await offering(play.graph) };
}
const open = { releaseKey: KEY, ring: RING, catalogEntryId: ENTRY };

describe("choosing the model", () => {
  it("uses group policies where they answer, and asks only once per client", async () => {
    const { graph, finished } = script(probe);
    expect((await offering(graph)).model).toBe("policies");
    expect((await offering(graph)).model).toBe("policies");
    finished();
  });

  it.each([403, 404])("falls back to Intune on %i", async (status) => {
    const { graph } = script({ on: `GET ${POLICIES}`, status, body: errorBody("x") });
    expect((await offering(graph)).model).toBe("intune");
  });

  it("does not decide on an outage, and asks again", async () => {
    const { graph } = script({ on: `GET ${POLICIES}`, status: 503 }, probe);
    await expect(offering(graph)).rejects.toMatchObject({ code: "unavailable" });
    expect((await offering(graph)).model).toBe("policies");
  });
});

describe("opening a release", () => {
  it("makes policy, ring without groups and approval, each read back", async () => {
    const { service, sent, finished } = await served(
      policies(),
      { on: `POST ${POLICIES}`, status: 201, body: { id: "p1" } },
      { on: `GET ${POLICIES}/p1`, body: policy("p1") },
      rings(),
      { on: `POST ${POLICIES}/p1/rings`, status: 201, body: { id: "r1" } },
      readRing(ring()),
      approvals(),
      approvals(),
      { on: `POST ${POLICIES}/p1/approvals`, status: 201, body: { id: "a1" } },
      approvals("approved"),
    );
    expect(await service.openRelease(open)).toEqual(REF);
    expect(sent[2]?.body).toEqual({
      "@odata.type": `${TYPES}.qualityUpdatePolicy`,
      displayName: objectName(RING, KEY),
      description: objectDescription(RING, KEY, `Offers ${KEY} to deployment ring Ring1 in waves.`),
      approvalRules: [],
    });
    expect(sent[5]?.body).toMatchObject({
      "@odata.type": `${TYPES}.qualityUpdateRing`,
      deferralInDays: 0,
      isPaused: false,
      isHotpatchEnabled: true,
      includedGroupAssignment: { "@odata.type": `${TYPES}.includedGroupAssignment`, assignments: [] },
      excludedGroupAssignment: { "@odata.type": `${TYPES}.excludedGroupAssignment`, assignments: [] },
    });
    expect(sent[9]?.body).toEqual({ catalogEntryId: ENTRY, status: "approved" });
    finished();
  });

  it("after a create that was carried out but answered 503 adopts what it made", async () => {
    const { service, sent } = await served(
      policies(),
      { on: `POST ${POLICIES}`, status: 503, headers: { "Retry-After": "4" } },
      policies(policy("p1")),
      rings(ring()),
      approvals("approved"),
    );
    await expect(service.openRelease(open)).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 4 });
    expect((await service.openRelease(open)).policyId).toBe("p1");
    expect(sent.filter(({ call }) => call === `POST ${POLICIES}`)).toHaveLength(1);
  });

  it("reduces duplicate policies to the oldest, suspending before deleting", async () => {
    const later = policy("p2", KEY, "2026-11-11T00:05:00Z");
    const approval = (status: string): Exchange => ({
      on: `GET ${POLICIES}/p2/approvals`,
      body: { value: [{ id: "a9", catalogEntryId: ENTRY, status }] },
    });
    const { service, finished } = await served(
      policies(later, policy("p1")),
      approval("approved"),
      { on: `PATCH ${POLICIES}/p2/approvals/a9`, body: {} },
      approval("suspended"),
      { on: `DELETE ${POLICIES}/p2`, status: 204 },
      absent(`GET ${POLICIES}/p2`),
      rings(ring()),
      approvals("approved"),
    );
    expect((await service.openRelease(open)).policyId).toBe("p1");
    finished();
  });

  it("again keeps the waves that are open and does not resume a suspended approval", async () => {
    const { service, finished } = await served(policies(policy("p1")), rings(ring([WAVE])), approvals("suspended"));
    await service.openRelease(open);
    finished();
  });

  it("leaves policies of other rings and other releases alone", async () => {
    const foreign = { ...policy("p7"), displayName: objectName({ ...RING, entraGroupId: WAVE }, KEY) };
    const { service, sent } = await served(policies(foreign, policy("p8", "2026.10 B")), {
      on: `POST ${POLICIES}`,
      status: 503,
    });
    await expect(service.openRelease(open)).rejects.toMatchObject({ code: "unavailable" });
    expect(sent.at(-1)?.call).toBe(`POST ${POLICIES}`);
  });

  it("is not yet consistent while the new policy cannot be read", async () => {
    const { service } = await served(
      policies(),
      { on: `POST ${POLICIES}`, status: 201, body: { id: "p1" } },
      absent(`GET ${POLICIES}/p1`),
    );
    await expect(service.openRelease(open)).rejects.toMatchObject({ code: "not_yet_consistent" });
  });
});

describe("the standing policy", () => {
  it("reaches the ring's group and approves nothing", async () => {
    const { service, sent, finished } = await served(
      policies(),
      { on: `POST ${POLICIES}`, status: 201, body: { id: "p1" } },
      { on: `GET ${POLICIES}/p1`, body: policy("p1", "standing") },
      rings(),
      { on: `POST ${POLICIES}/p1/rings`, status: 201, body: { id: "r1" } },
      readRing(ring([GROUP])),
      readRing(ring([GROUP])),
    );
    expect(await service.ensureStandingPolicy(RING)).toEqual({ policyId: "p1", ringId: "r1" });
    expect(sent[5]?.body).toMatchObject({ includedGroupAssignment: { assignments: [{ groupId: GROUP }] } });
    finished();
  });

  it("paused or retargeted by hand is set right", async () => {
    const { service, sent, finished } = await served(
      policies(policy("p1", "standing")),
      rings(ring([GROUP, WAVE], [], { isPaused: true })),
      patchRing,
      readRing(ring([GROUP, WAVE])),
      readRing(ring([GROUP, WAVE])),
      readRing(ring([GROUP, WAVE])),
      patchRing,
      readRing(ring([GROUP])),
    );
    await service.ensureStandingPolicy(RING);
    expect(sent[3]?.body).toMatchObject({ isPaused: false });
    expect(sent[7]?.body).toMatchObject({ includedGroupAssignment: { assignments: [{ groupId: GROUP }] } });
    finished();
  });
});

describe("setting the groups of a release", () => {
  it("sends the whole list and reads it back", async () => {
    const { service, sent, finished } = await served(
      readRing(ring()),
      readRing(ring()),
      patchRing,
      readRing(ring([WAVE], [HELD])),
    );
    await service.setWaveGroups(REF, [WAVE], [HELD]);
    expect(sent[3]?.body).toMatchObject({
      "@odata.type": `${TYPES}.qualityUpdateRing`,
      includedGroupAssignment: { assignments: [{ groupId: WAVE }] },
      excludedGroupAssignment: { assignments: [{ groupId: HELD }] },
    });
    finished();
  });

  it("already set writes nothing", async () => {
    const { service, finished } = await served(readRing(ring([WAVE.toUpperCase()])));
    await service.setWaveGroups(REF, [WAVE], []);
    finished();
  });

  it("is not yet consistent while the ring shows other groups", async () => {
    const { service } = await served(readRing(ring()), readRing(ring()), patchRing, readRing(ring()));
    await expect(service.setWaveGroups(REF, [WAVE], [])).rejects.toMatchObject({ code: "not_yet_consistent" });
  });

  it("waits for a directory group that has not replicated", async () => {
    const refused = { ...patchRing, status: 400, body: errorBody("BadRequest", "Group was not found.") };
    const { service } = await served(readRing(ring()), readRing(ring()), refused, readRing(ring()));
    const retry = { code: "not_yet_consistent", retryAfterSeconds: 30 };
    await expect(service.setWaveGroups(REF, [WAVE], [])).rejects.toMatchObject(retry);
  });

  it("of a policy that is gone fails for good", async () => {
    const { service } = await served(absent(`GET ${POLICIES}/p1/rings/r1`));
    await expect(service.setWaveGroups(REF, [WAVE], [])).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("pausing and resuming a release", () => {
  const patchApproval = (id: string): Exchange => ({ on: `PATCH ${POLICIES}/p1/approvals/${id}`, body: {} });

  it("suspends the approval and reads it back; the ring itself is not paused", async () => {
    const { service, sent, finished } = await served(
      approvals("approved"),
      patchApproval("a1"),
      approvals("suspended"),
    );
    await service.setApproval(REF, "suspended");
    expect(sent[2]?.body).toEqual({ status: "suspended" });
    finished();
  });

  it("is not yet consistent while the approval still reads approved", async () => {
    const { service } = await served(approvals("approved"), patchApproval("a1"), approvals("approved"));
    await expect(service.setApproval(REF, "suspended")).rejects.toMatchObject({ code: "not_yet_consistent" });
  });

  it("suspends both approvals where an ambiguous create left two", async () => {
    const { service, finished } = await served(
      approvals("approved", "approved"),
      patchApproval("a1"),
      patchApproval("a2"),
      approvals("suspended", "suspended"),
    );
    await service.setApproval(REF, "suspended");
    finished();
  });

  it("already in force writes nothing", async () => {
    const { service, finished } = await served(approvals("approved"));
    await service.setApproval(REF, "approved");
    finished();
  });

  it("refuses a release that the other model opened", async () => {
    const { service } = await served();
    await expect(async () => service.setApproval({ ...REF, model: "intune" }, "approved")).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("ending a release", () => {
  const waveGroup = { id: WAVE, displayName: `Ringmaster ${TAG} Contoso - Ring1 ${KEY} wave 1` };
  const removal = [
    policies(policy("p1")),
    approvals("approved"),
    { on: `PATCH ${POLICIES}/p1/approvals/a1`, body: {} },
    approvals("suspended"),
    { on: `DELETE ${POLICIES}/p1`, status: 204 },
    absent(`GET ${POLICIES}/p1`),
    { on: groupsOf(TAG), body: { value: [waveGroup] } },
    { on: `DELETE /v1.0/groups/${WAVE}`, status: 204 },
  ];

  it("withdrawn suspends, deletes the policy and then its groups", async () => {
    const { service, sent, finished } = await served(...removal);
    await service.withdraw(REF);
    expect(sent[3]?.body).toEqual({ status: "suspended" });
    finished();
  });

  it("never deletes an approval, which the service refuses", async () => {
    const { service, sent } = await served(...removal);
    await service.withdraw(REF);
    expect(sent.some(({ call }) => call.startsWith("DELETE") && call.includes("/approvals"))).toBe(false);
  });

  it("withdrawn a second time finds nothing left", async () => {
    const { service, finished } = await served(policies(), { on: groupsOf(TAG), body: { value: [] } });
    await service.withdraw(REF);
    finished();
  });

  it("is not yet consistent while the deleted policy can still be read", async () => {
    const still = { on: `GET ${POLICIES}/p1`, body: policy("p1") };
    const { service } = await served(...removal.slice(0, 5), still);
    await expect(service.withdraw(REF)).rejects.toMatchObject({ code: "not_yet_consistent" });
  });
});
