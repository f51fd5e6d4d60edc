import { describe, expect, it } from "vitest";
import {
  absent,
  approvals,
  groupsOf,
  KEY,
  POLICIES,
  policies,
  policy,
  REF,
  served,
  TAG,
  WAVE,
} from "./policy-exchanges.js";
import type { Exchange } from "./scripted.js";

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
