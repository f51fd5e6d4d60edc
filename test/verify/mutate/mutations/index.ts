import type { Mutation } from "../mutation.js";
import { ACCESS } from "./access.js";
import { DEVICES } from "./devices.js";
import { GROUPS } from "./groups.js";
import { RELEASES } from "./releases.js";
import { TENANT } from "./tenant.js";

/** At least one defect for each group of rows. */
export const MUTATIONS: readonly Mutation[] = [...GROUPS, ...DEVICES, ...TENANT, ...ACCESS, ...RELEASES];
