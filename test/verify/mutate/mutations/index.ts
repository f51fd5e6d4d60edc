import type { Mutation } from "../mutation.js";
import { ACCESS } from "./access.js";
import { RELEASES } from "./releases.js";

/** At least one defect for each group of rows. */
export const MUTATIONS: readonly Mutation[] = [...ACCESS, ...RELEASES];
