import { afterEach, describe, expect, it } from "vitest";
import type { CategoryApproval } from "../../../../shared/graph/offering/category-approvals.js";
import { backendOf } from "../../../../shared/graph/offering/offering.js";
import { device, INTUNE, items, type TestTenant, UPDATES } from "../../infra/local/tenant/support.js";
import { emulated, persistently } from "./emulated.js";

let test: TestTenant | undefined;
afterEach(() => test?.discard());

const monthly = (deferralDays: number): CategoryApproval[] => [
  { cadence: "monthly", category: "security", deferralDays },
  { cadence: "outOfBand", category: "security", deferralDays: null },
  { cadence: "monthly", category: "quickMachineRecovery", deferralDays: 3 },
];

describe.each([
  ["policies", false, `${UPDATES}/policies`, "approvalRules"],
  ["Intune", true, `${INTUNE}/windowsQualityUpdatePolicies`, "approvalSettings"],
])("a policy of people in the model of %s", (_model, intune, collection, rules) => {
  async function start() {
    const started = await emulated(2, { intune });
    test = started.test;
    const included = [started.ring.entraGroupId];
    const backend = await backendOf(started.graph);
    const ensure = (name: string, deferralDays: number) =>
      persistently(started.test, () =>
        backend.ensurePolicy({
          ...{ tag: "0123456789ab", name: `${name} [0123456789ab]`, description: `${name}.`, hotpatch: false },
          ...{ approvals: monthly(deferralDays), assignment: { included, excluded: [] } },
        }),
      );
    return { ...started, backend, ensure };
  }

  it("is changed in place when its name or a deferral changes, and made only once", async () => {
    const { test: tenant, ensure } = await start();
    const first = await ensure("Pilots", 7);
    const second = await ensure("Testers", 9);
    expect(second.policyId).toBe(first.policyId);
    const [policy, ...others] = items(await tenant.get(collection));
    expect([others, policy?.displayName]).toEqual([[], "Testers [0123456789ab]"]);
    expect(JSON.stringify(policy?.[rules])).toContain(":9");
    expect(JSON.stringify(policy?.[rules])).not.toContain(":7");
  });

  it("offers by itself what is automatic, and no more once it is suspended", async () => {
    const { test: tenant, backend, ensure } = await start();
    const { policyId } = await ensure("Pilots", 0);
    tenant.pass(60);
    const offer = () => tenant.tenant.view(device(0).deviceId).offer?.catalogEntryId;
    const offered = offer() ?? "";
    expect(offered).not.toBe("");
    await persistently(tenant, () => backend.approve(policyId, offered, "suspended"));
    expect(offer()).not.toBe(offered);
    await persistently(tenant, () => backend.approve(policyId, offered, "approved"));
    expect(offer()).toBe(offered);
  });
});
