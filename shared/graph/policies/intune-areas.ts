import { intuneArea } from "./intune-area.js";
import { PolicyKind } from "./types.js";

const PROFILE = "#microsoft.graph.windowsFeatureUpdateProfile";

/** Feature update profiles (graph.md §2.3). */
export const featureUpdateArea = intuneArea({
  kinds: [PolicyKind.featureUpdate],
  path: "windowsFeatureUpdateProfiles",
  type: PROFILE,
});

/**
 * Driver update profiles (graph.md §2.4). The way of approval is chosen once; another one means a new profile, and all
 * approvals, pauses and declines are lost (autopatch.md §7).
 */
export const driverUpdateArea = intuneArea({
  kinds: [PolicyKind.driverUpdate],
  path: "windowsDriverUpdateProfiles",
  type: "#microsoft.graph.windowsDriverUpdateProfile",
  fixed: ["approvalType"],
});
