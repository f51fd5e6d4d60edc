export type { Credentials } from "./authority/authority.js";
export type { CatalogueEntry, Revision } from "./catalogue/entry.js";
export type { Publication } from "./catalogue/releases.js";
export type { FaultControl, Faults } from "./faults.js";
export type { Licence, ServicePlan } from "./licences.js";
export { Tenant, type TenantOptions } from "./tenant.js";
export type * from "./types.js";
