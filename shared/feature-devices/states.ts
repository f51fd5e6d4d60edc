/** Where a device is with its feature update (autopatch.md §6.6, row 83). */
export const FeatureState = {
  pending: "Pending",
  onHold: "On hold",
  canceled: "Canceled",
  offering: "Offering",
  installing: "Installing",
  installed: "Installed",
  uninstalling: "Uninstalling",
  needsAttention: "Needs attention",
} as const;
export type FeatureState = (typeof FeatureState)[keyof typeof FeatureState];

/**
 * The substates of each state as Intune's report names them. Signals do not tell all of them apart: of a restart they say
 * that it is required, and what came of it.
 */
export const SUBSTATES = {
  [FeatureState.pending]: ["Validation", "Scheduled"],
  [FeatureState.onHold]: ["Admin paused", "ServicePaused", "Deferred"],
  [FeatureState.canceled]: [
    ...(["Admin Cancelled", "Service Cancelled", "Removed from Deployment"] as const),
    ...(["Not Supported", "User Cancelled", "Device Cancelled"] as const),
  ],
  [FeatureState.offering]: ["OfferReady", "Offer Received"],
  [FeatureState.installing]: [
    ...(["Download Start", "Download Complete", "Install Start", "Install Complete"] as const),
    ...(["Restart Required", "Restart Initiated", "Restart Complete"] as const),
  ],
  [FeatureState.installed]: ["Update Installed"],
  [FeatureState.uninstalling]: ["Uninstall", "Rollback", "Update Uninstalled", "Rollback complete"],
  [FeatureState.needsAttention]: [],
} as const;
export type Substate = (typeof SUBSTATES)[FeatureState][number];

/** The instant judgement on one device. */
export type Standing = {
  [S in FeatureState]: {
    readonly state: S;
    /** Null where the state has none: an alert says more. */
    readonly substate: (typeof SUBSTATES)[S][number] | null;
    /** For people: why, and from when on it will be otherwise. */
    readonly because: string;
    /** What is wrong and what to do about it. */
    readonly alert: S extends typeof FeatureState.needsAttention ? Alert : Alert | null;
  };
}[FeatureState];

/** What is wrong with a device, under the name that the reference gives it (autopatch.md §9.6). */
export interface Alert {
  /** `DiskFull` */
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}
