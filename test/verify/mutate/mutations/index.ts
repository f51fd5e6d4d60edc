import type { Mutation } from "../mutation.js";
import { RELEASES } from "./releases.js";

/** At least one defect for each group of rows. */
export const MUTATIONS: readonly Mutation[] = [...RELEASES];
