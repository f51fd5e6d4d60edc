import { describe, expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { accessProblems } from "../../../../shared/tenant/access.js";
import { answering, PERMITTED, sku } from "./memory.js";

const LICENCES = "Maintain tenant access: Licenses";
const AUTH = "Maintain tenant access: Auth";
const actions = async (answers: Readonly<Record<string, unknown>>, thorough = true) =>
  (await accessProblems(answering({ ...PERMITTED, ...answers }), thorough)).map(({ action }) => action);
const { "/groups": _groups, ...withoutGroups } = PERMITTED;

describe("access to the tenant", () => {
  it("is there with licence and consent", async () => {
    expect(await actions({})).toEqual([]);
  });

  it.each([
    ["no licence", []],
    ["a suspended licence", [sku({ capabilityStatus: "Suspended" })]],
    ["a licence without Intune", [sku({ servicePlans: [] })]],
  ])("lacks licences with %s", async (_what, skus) => {
    expect(await actions({ "/subscribedSkus": skus })).toEqual([LICENCES]);
  });

  it.each(["forbidden", "unauthenticated"] as const)("lacks consent when Graph says %s", async (code) => {
    expect(await actions({ "/subscribedSkus": new AppError(code, "No.") })).toEqual([AUTH]);
  });

  it("lacks consent when one permission is gone, which only a thorough look finds, and names the permission", async () => {
    expect(await accessProblems(answering(withoutGroups), false)).toEqual([]);
    expect(await accessProblems(answering(withoutGroups), true)).toMatchObject([
      { action: AUTH, message: expect.stringContaining("GroupMember.ReadWrite.All") },
    ]);
  });

  it("takes one call unless it looks thoroughly", async () => {
    const graph = answering(PERMITTED);
    await accessProblems(graph, false);
    expect(graph.reads).toEqual(["/subscribedSkus"]);
  });

  it("is not judged while Graph is away", async () => {
    const away = new AppError("throttled", "Wait.");
    await expect(actions({ "/subscribedSkus": away })).rejects.toBe(away);
    await expect(actions({ "/devices": away })).rejects.toMatchObject({ code: "throttled" });
  });
});
