import type { Mutation } from "../mutation.js";

/** Roles and scope tags. */
export const ACCESS: readonly Mutation[] = [
  {
    name: "weak-role",
    about: "any role may do everything",
    file: "shared/access/roles.js",
    find: "RANK[held] >= RANK[needed]",
    replace: "RANK[held] >= 0",
    rows: [46],
  },
  {
    name: "autopatch-policies",
    about: "Autopatch Administrators may edit policies",
    file: "shared/access/built-in-roles.js",
    find: "policies: null, tenant: Role.administrator",
    replace: "policies: Role.administrator, tenant: Role.administrator",
    rows: [46],
  },
  {
    name: "scope",
    about: "scope tags confine nobody",
    file: "shared/access/scope.js",
    find: "tagIds.some((tag) => scopeTagIds.includes(tag))",
    replace: "tagIds.length > 0",
    rows: [14],
  },
  {
    name: "scope-tag-limit",
    about: "101 scope tags are accepted for a person",
    file: "shared/access/assignments.js",
    find: "const MAX_SCOPE_TAGS = 100;",
    replace: "const MAX_SCOPE_TAGS = 101;",
    rows: [15],
  },
];
