import type { Attributes } from "../attributes/columns.js";

/**
 * Attribute in which an agent tells the safeguard holds of its device, 8 digits each, separated by commas: Windows keeps
 * them below `AppCompatFlags\TargetVersionUpgradeExperienceIndicators` as `GatedBlockId`.
 */
export const GATED_BLOCKS_ATTRIBUTE = "gatedBlockIds";

/** Ids of the safeguard holds that Windows reports of a device (autopatch.md §12); anything else in the text is ignored. */
export function gatedBlocks(told: Attributes): string[] {
  return [...new Set((told[GATED_BLOCKS_ATTRIBUTE] ?? "").match(/\b\d{8}\b/g) ?? [])].sort();
}
