/** Whether a device counts in the objective of a workload: unhealthy ones are shown with why, and left out. */
export const Health = { healthy: "Healthy", unhealthy: "Unhealthy" } as const;
export type Health = (typeof Health)[keyof typeof Health];

/** What keeps a device from an update workload. */
export interface Reason {
  /** Stable; rules of one workload each have their own. */
  readonly code: string;
  /** For people: what is wrong, and what to do about it. */
  readonly text: string;
}

export interface Eligibility {
  readonly label: Health;
  /** Empty for healthy devices. */
  readonly reasons: readonly Reason[];
}

/** A rule that devices of a workload have to keep. */
export interface Rule<Device> extends Reason {
  readonly keeps: (device: Device) => boolean;
}

/** The label of a device under the rules of a workload, with every rule that it breaks, in their order. */
export function eligibilityOf<Device>(device: Device, rules: readonly Rule<Device>[]): Eligibility {
  const reasons = rules.filter(({ keeps }) => !keeps(device)).map(({ code, text }) => ({ code, text }));
  return { label: reasons.length === 0 ? Health.healthy : Health.unhealthy, reasons };
}
