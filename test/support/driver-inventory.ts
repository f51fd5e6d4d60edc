import type { InventoryDriver } from "../../shared/graph/driver-inventories.js";

/** A driver of Contoso in the inventory of a policy, version 2.0 for two devices that nobody has reviewed. */
export function inventoryDriver(given: Partial<InventoryDriver> & { readonly id: string }): InventoryDriver {
  const version = given.version ?? "2.0";
  return {
    name: `Contoso - Net - ${version}`,
    version,
    manufacturer: "Contoso",
    driverClass: "Net",
    releaseDateTime: "2024-06-01T17:00:00Z",
    applicableDeviceCount: 2,
    approvalStatus: "needsReview",
    category: "recommended",
    deployDateTime: null,
    ...given,
  };
}
