import type { Store } from "./state/store.js";

export interface ServicePlan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
  /** Default `Success`. */
  readonly provisioningStatus?: "Success" | "PendingActivation" | "PendingInput" | "PendingProvisioning" | "Disabled";
}

/** A subscription of the tenant. */
export interface Licence {
  readonly skuId: string;
  readonly skuPartNumber: string;
  /** Default `Enabled`. */
  readonly capabilityStatus?: "Enabled" | "Warning" | "Suspended" | "Deleted" | "LockedOut";
  /** Default: the plans that updates need. */
  readonly servicePlans?: readonly ServicePlan[];
}

/** Service plans that updates need (graph.md §3.5). */
export const UPDATE_PLANS: readonly ServicePlan[] = [
  {
    servicePlanId: "7bf960f6-2cd9-443a-8046-5dbff9558365",
    servicePlanName: "WINDOWSUPDATEFORBUSINESS_DEPLOYMENTSERVICE",
  },
  { servicePlanId: "9a6eeb79-0b4b-4bf0-9808-39d99a2cd5a3", servicePlanName: "Windows_Autopatch" },
  { servicePlanId: "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", servicePlanName: "INTUNE_A" },
];

/** Microsoft 365 E3 (autopatch.md §4.3). */
const DEFAULT: readonly Licence[] = [{ skuId: "05e9a617-0261-4cee-bb44-138d3ef5d965", skuPartNumber: "SPE_E3" }];

interface LicencesRow {
  readonly id: "all";
  readonly licences: readonly Licence[];
}

/** What the tenant has subscribed to. */
export class Licences {
  readonly #table;

  constructor(store: Store) {
    this.#table = store.table<LicencesRow>("licences");
  }

  all(): readonly Licence[] {
    return this.#table.get("all")?.licences ?? DEFAULT;
  }

  set(licences: readonly Licence[]): void {
    this.#table.set({ id: "all", licences });
  }
}
