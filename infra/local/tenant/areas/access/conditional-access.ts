import { Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { ConditionalAccessPolicy } from "../../types.js";
import type { World } from "../../world.js";

const service = Service.directory;

export type ConditionalAccessRow = ConditionalAccessPolicy & { readonly id: string };
export interface SecurityDefaultsRow {
  readonly id: "securityDefaults";
  readonly isEnabled: boolean;
}

/** How sign-ins are guarded: what a readiness assessment looks at (autopatch.md §4.2). Read only. */
export function conditionalAccessRoutes(world: World): Route[] {
  const read = { service, needs: needs.readPolicies, method: "GET" } as const;
  const policies = () => world.store.table<ConditionalAccessRow>("conditionalAccess").all();
  const defaults = () => world.store.table<SecurityDefaultsRow>("securityDefaults").get("securityDefaults");
  return [
    {
      ...read,
      path: "/identity/conditionalAccess/policies",
      handle: (request) =>
        answerList(request, { rows: policies(), project: policyJson, context: "identity/conditionalAccess/policies" }),
    },
    {
      ...read,
      path: "/policies/identitySecurityDefaultsEnforcementPolicy",
      handle: (request) =>
        answerItem(request, defaults()?.isEnabled ?? false, {
          project: securityDefaultsJson,
          context: "policies/identitySecurityDefaultsEnforcementPolicy",
        }),
    },
  ];
}

function policyJson({ id, displayName, state, includeUsers, excludeUsers = [] }: ConditionalAccessRow): Json {
  const users = { includeUsers, excludeUsers, includeGroups: [], excludeGroups: [] };
  return { id, displayName, state, conditions: { users, applications: { includeApplications: ["All"] } } };
}

function securityDefaultsJson(isEnabled: boolean): Json {
  return {
    id: "00000000-0000-0000-0000-000000000005",
    displayName: "Security Defaults",
    description: "Security defaults protect a tenant without conditional access policies.",
    isEnabled,
  };
}
