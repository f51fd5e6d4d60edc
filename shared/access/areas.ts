import { Area } from "./roles.js";

/**
 * Areas of the API by the first word of a path below /api/v1; every other path is about groups and their devices.
 */
const AREAS: readonly (readonly [path: RegExp, Area])[] = [
  [/^(?:(?:quality|update)-)?polic(y|ies)\b/, Area.policies],
  [/^(roles|tenant|messages|support-requests|webhooks|hotpatch\/(?:calendar|default))\b/, Area.tenant],
];

/** Who calls and what can be called: any role over anything is enough. */
const FOR_EVERYBODY = /^(session|openapi\.json)$/;

/**
 * Areas that a call of a path such as `tenant/contacts` belongs to; a role over one of them is enough. What is said
 * about policies is a report on groups as well (autopatch.md §4.8 grants reports with groups), so both may read it.
 */
export function areasOf(method: string, path: string): readonly Area[] {
  if (FOR_EVERYBODY.test(path)) return Object.values(Area);
  const area = AREAS.find(([pattern]) => pattern.test(path))?.[1] ?? Area.groups;
  return area === Area.policies && method === "GET" ? [Area.policies, Area.groups] : [area];
}
