import { describe, expect, it } from "vitest";
import { objectDescription, objectName } from "../../../../shared/graph/names.js";
import { offering } from "../../../../shared/graph/offering/offering.js";
import {
  absent,
  approvals,
  ENTRY,
  GROUP,
  HELD,
  KEY,
  open,
  POLICIES,
  patchRing,
  policies,
  policy,
  probe,
  REF,
  RING,
  readRing,
  ring,
  rings,
  served,
  TYPES,
  WAVE,
} from "./policy-exchanges.js";
import { type Exchange, errorBody, script } from "./scripted.js";

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
    const foreign = { ...policy("p7"), displayName: objectName({ ...RING, ringName: "Ring2" }, KEY) };
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
