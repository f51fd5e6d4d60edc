import { describe, expect, it } from "vitest";
import { listSkus } from "../../../../shared/graph/licences.js";
import { LICENCES } from "../../../../shared/tenant/licence-list.js";
import { entitlementOf } from "../../../../shared/tenant/licences.js";
import { answering, sku } from "./memory.js";

const entitlement = async (...skus: unknown[]) => entitlementOf(await listSkus(answering({ "/subscribedSkus": skus })));

describe("licences", () => {
  it("of the list are 14, each with an id and a part number of its own", () => {
    expect(new Set(LICENCES.map(({ skuId }) => skuId)).size).toBe(14);
    expect(new Set(LICENCES.map(({ partNumber }) => partNumber)).size).toBe(14);
  });

  it.each(LICENCES)("$name is recognised by its GUID alone, whatever its case", async ({ skuId, name }) => {
    const bare = sku({ skuId: skuId.toUpperCase(), skuPartNumber: "SOMETHING", servicePlans: [] });
    expect(await entitlement(bare)).toMatchObject({ licensed: true, supportRequests: true, recognised: [{ name }] });
  });

  it("not on the list are recognised by the service plan that they bring", async () => {
    const business = sku({ skuId: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", skuPartNumber: "SPB" });
    expect(await entitlement(business)).toMatchObject({
      licensed: true,
      recognised: [],
      byServicePlan: ["SPB"],
      supportRequests: false,
    });
  });

  it("E3 without Teams entitles to support requests like any E3", async () => {
    const eea = sku({
      skuId: "c2fe850d-fbbb-4858-b67d-bd0c6e746da3",
      skuPartNumber: "Microsoft_365_E3_EEA_(no_Teams)",
    });
    expect(await entitlement(eea)).toMatchObject({ licensed: true, supportRequests: true });
  });

  it.each([
    ["Enabled", true],
    ["Warning", true],
    ["Suspended", false],
    ["LockedOut", false],
    ["Deleted", false],
  ])("that are %s", async (capabilityStatus, licensed) => {
    expect((await entitlement(sku({ capabilityStatus }))).licensed).toBe(licensed);
  });

  it.each([
    ["Success", true],
    ["PendingActivation", true],
    ["Disabled", false],
  ])("whose service plan is %s", async (provisioningStatus, licensed) => {
    const servicePlans = [{ servicePlanId: "9a6eeb79-0b4b-4bf0-9808-39d99a2cd5a3", provisioningStatus }];
    const unknown = sku({ skuId: "00000000-1111-4000-8000-000000000000", skuPartNumber: "NEW", servicePlans });
    expect((await entitlement(unknown)).licensed).toBe(licensed);
  });

  it("without Intune say so", async () => {
    expect(await entitlement(sku({ servicePlans: [] }))).toMatchObject({ licensed: true, intune: false });
    expect(await entitlement(sku())).toMatchObject({ intune: true });
  });

  it("that do not exist entitle to nothing", async () => {
    expect(await entitlement()).toEqual({
      licensed: false,
      intune: false,
      supportRequests: false,
      recognised: [],
      byServicePlan: [],
    });
  });
});
