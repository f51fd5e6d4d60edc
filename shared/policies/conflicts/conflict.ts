import { z } from "zod";

/** One policy of somebody else that says otherwise than one of the service to the same devices (autopatch.md §10.3). */
export const conflictSchema = z.object({
  id: z.string(),
  expectedPolicy: z.string(),
  expectedGroup: z.string(),
  conflictingPolicy: z.string(),
  conflictingGroup: z.string(),
  affectedDevices: z.int(),
  conflictingSettings: z.array(z.string()),
  /** Autopatch group of the expected policy; null for the policies of all devices. */
  groupId: z.string().nullable(),
});
export type Conflict = z.infer<typeof conflictSchema>;

export const affectedDeviceSchema = z.object({
  deviceId: z.string(),
  name: z.string().nullable(),
  groupId: z.string(),
  ring: z.string(),
  lastCheckInAt: z.string(),
  /** Ids of its conflicts. */
  conflicts: z.array(z.string()),
});
export type AffectedDevice = z.infer<typeof affectedDeviceSchema>;

export interface Conflicts {
  readonly conflicts: readonly Conflict[];
  readonly devices: readonly AffectedDevice[];
}

/** What the service expects says first, else what is in its way: the search of the view. */
export function searched({ conflicts, devices }: Conflicts, text: string): Conflicts {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return { conflicts, devices };
  const found = conflicts.filter(({ expectedPolicy, conflictingPolicy }) =>
    [expectedPolicy, conflictingPolicy].some((name) => name.toLowerCase().includes(wanted)),
  );
  return onlyOf({ conflicts: found, devices });
}

/** The devices of these conflicts alone, and of each device these conflicts alone. */
export function onlyOf({ conflicts, devices }: Conflicts): Conflicts {
  const ids = new Set(conflicts.map(({ id }) => id));
  const left = devices.map((device) => ({ ...device, conflicts: device.conflicts.filter((id) => ids.has(id)) }));
  return { conflicts, devices: left.filter((device) => device.conflicts.length > 0) };
}
