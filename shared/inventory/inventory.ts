import { z } from "zod";
import { versionText } from "../app-versions/version.js";
import { EdgeChannel } from "../edge/versions.js";
import { monthlyInstalled } from "../microsoft-365-apps/versions.js";

/** Who updates Office on a device: the policies of the service, or something that takes precedence (autopatch.md §8.1). */
export const OfficeManager = {
  policy: "policy",
  servicingProfile: "servicingProfile",
  cloudUpdate: "cloudUpdate",
} as const;
export type OfficeManager = (typeof OfficeManager)[keyof typeof OfficeManager];

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** The apps of a device as its agent finds them, once a day. What is absent is not installed. */
export const inventorySchema = z.object({
  office: z
    .object({
      version: versionText,
      /** `monthlyEnterprise`, `current`, `semiAnnual` …, as Office names it. */
      channel: z.string().min(1).max(60),
      /** Default: by policy. */
      managedBy: z.enum(OfficeManager).optional(),
    })
    .optional(),
  edge: z.object({ version: versionText, channel: z.enum(EdgeChannel) }).optional(),
  /** Whether somebody is signed in; absent where the agent cannot tell. */
  teams: z.object({ version: versionText, signedIn: z.boolean().optional() }).optional(),
  antivirus: z
    .object({ signatureVersion: versionText, signaturesUpdatedAt: moment, scannedAt: moment.optional() })
    .optional(),
});
export type Inventory = z.infer<typeof inventorySchema>;

/** An inventory with its device (Entra deviceId, lower-cased) and the time at which the agent made it, ISO 8601. */
export interface DeviceInventory {
  readonly deviceId: string;
  readonly at: string;
  readonly inventory: Inventory;
}

/** Installed versions by workload, for the release machinery; workloads without one are not in it. */
export function installedVersions({ office, edge, teams, antivirus }: Inventory): {
  microsoft365Apps?: string;
  edge?: string;
  teams?: string;
  antivirus?: string;
} {
  return {
    ...(office && { microsoft365Apps: monthlyInstalled(office) }),
    ...(edge && { edge: edge.version }),
    ...(teams && { teams: teams.version }),
    ...(antivirus && { antivirus: antivirus.signatureVersion }),
  };
}
