import { Area } from "./roles.js";

/** Areas of the API by the first word of a path below /api/v1; every other path is about groups and their devices. */
const AREAS: Readonly<Record<string, Area>> = {
  policies: Area.policies,
  "policy-health": Area.policies,
  roles: Area.tenant,
  tenant: Area.tenant,
};

/** The area that a path such as `tenant/contacts` belongs to. */
export function areaOf(path: string): Area {
  return AREAS[path.split("/")[0] ?? ""] ?? Area.groups;
}
