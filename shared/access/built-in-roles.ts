import { type Rights, Role, rightsOf } from "./roles.js";

const tenantReader: Rights = { groups: null, policies: null, tenant: Role.reader };
const policyReader: Rights = { groups: null, policies: Role.reader, tenant: null };

/**
 * Every role that a token's `roles` claim or a role assignment may name, and what it is worth here. The first four are
 * the app's own; the others are the built-in roles of Intune and Entra (autopatch.md §4.8), written without spaces as
 * app roles have to be. The reference leaves open what the Autopatch roles may do in tenant administration; they read
 * and write there what they read and write elsewhere.
 */
export const BUILT_IN_ROLES = {
  Reader: rightsOf(Role.reader),
  Operator: rightsOf(Role.operator),
  Approver: rightsOf(Role.approver),
  Administrator: rightsOf(Role.administrator),
  WindowsAutopatchAdministrator: { groups: Role.administrator, policies: null, tenant: Role.administrator },
  WindowsAutopatchReader: { groups: Role.reader, policies: null, tenant: Role.reader },
  PolicyAndProfileManager: { groups: null, policies: Role.administrator, tenant: null },
  HelpDeskOperator: policyReader,
  ReadOnlyOperator: policyReader,
  IntuneServiceAdministrator: rightsOf(Role.administrator),
  GlobalAdministrator: rightsOf(Role.administrator),
  GlobalReader: rightsOf(Role.reader),
  ServiceSupportAdministrator: tenantReader,
  SecurityAdministrator: tenantReader,
  SecurityReader: tenantReader,
  BillingAdministrator: tenantReader,
  HelpdeskAdministrator: tenantReader,
} as const satisfies Readonly<Record<string, Rights>>;

export type RoleName = keyof typeof BUILT_IN_ROLES;

export const ROLE_NAMES = Object.keys(BUILT_IN_ROLES) as RoleName[];

/** Rights of the roles known by name; names of other applications are worth nothing. */
export function rightsByName(names: readonly string[]): Rights[] {
  return ROLE_NAMES.filter((name) => names.includes(name)).map((name) => BUILT_IN_ROLES[name]);
}
