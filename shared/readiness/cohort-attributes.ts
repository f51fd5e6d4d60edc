import type { Attributes } from "../attributes/columns.js";
import { CHPE_ATTRIBUTE } from "../hotpatch/eligibility.js";
import { GATED_BLOCKS_ATTRIBUTE } from "../safeguard-holds/gated-blocks.js";
import { HARDWARE_ATTRIBUTES } from "./hardware.js";

/** Attributes that rules of eligibility judge. */
const JUDGED: ReadonlySet<string> = new Set([...HARDWARE_ATTRIBUTES, CHPE_ATTRIBUTE, GATED_BLOCKS_ATTRIBUTE]);

/**
 * What devices told of themselves, as far as it may explain why an update fails on them (gate.md §5). What eligibility
 * judges already is left out: every hypothesis more makes each of the others harder to prove.
 */
export function cohortAttributes(told: Attributes = {}): Attributes {
  return Object.fromEntries(Object.entries(told).filter(([name]) => !JUDGED.has(name)));
}
