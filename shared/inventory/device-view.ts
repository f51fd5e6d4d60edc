import { z } from "zod";
import { definitionsOf, Freshness } from "../antivirus/freshness.js";
import type { AppVersion } from "../app-versions/version.js";
import { iso } from "../calendar/days.js";
import { EdgeChannel } from "../edge/versions.js";
import { officeEligibility } from "../microsoft-365-apps/eligibility.js";
import { isOneOf, monthlyInstalled, monthlyVersionOf, supportedOffice } from "../microsoft-365-apps/versions.js";
import { instant } from "../schema.js";
import { teamsEligibility } from "../teams-client/report.js";
import { Health } from "../workloads/eligibility.js";
import type { AppDevice } from "./devices.js";
import { OfficeManager } from "./inventory.js";

const eligibility = {
  label: z.enum(Health),
  reasons: z.array(z.object({ code: z.string(), text: z.string() })).describe("Every rule that it breaks."),
};

export const deviceAppsSchema = z
  .object({
    deviceId: z.string(),
    name: z.string().nullable(),
    groupId: z.string(),
    ring: z.string(),
    lastCheckInAt: instant.nullable(),
    inventoryAt: instant.nullable().describe("When the agent made the inventory; null: it never told one."),
    microsoft365Apps: z.object({
      ...eligibility,
      version: z.string().nullable(),
      name: z.string().nullable().describe("The month that the version is named after; null: none of the channel."),
      channel: z.string().nullable(),
      managedBy: z.enum(OfficeManager).nullable(),
      supported: z.boolean(),
    }),
    edge: z.object({ version: z.string().nullable(), channel: z.enum(EdgeChannel).nullable() }),
    teams: z.object({ ...eligibility, version: z.string().nullable(), signedIn: z.boolean().nullable() }),
    antivirus: z.object({
      freshness: z.enum(Freshness),
      ageDays: z.number().nullable(),
      signatureVersion: z.string().nullable(),
      signaturesUpdatedAt: instant.nullable(),
      scannedAt: instant.nullable(),
    }),
  })
  .meta({ id: "DeviceApps" });
export type DeviceApps = z.infer<typeof deviceAppsSchema>;

export interface ViewContext {
  /** Versions of Office. */
  readonly office: readonly AppVersion[];
  /** ms */
  readonly now: number;
  readonly staleDays: number;
}

/** The apps of a device as the API shows them, with why it does not count where it does not. */
export function deviceApps(device: AppDevice, { office: list, now, staleDays }: ViewContext): DeviceApps {
  const { deviceId, name, groupId, ring, lastCheckInAt, inventoryAt, inventory } = device;
  const { office, edge, teams, antivirus } = inventory ?? {};
  const version = office?.version ?? null;
  const { label, reasons } = officeEligibility(device);
  const ofTeams = teamsEligibility(device);
  return {
    ...{ deviceId, name, groupId, ring, inventoryAt },
    lastCheckInAt: lastCheckInAt === null ? null : iso(lastCheckInAt),
    microsoft365Apps: {
      ...{ label, reasons: [...reasons], version, channel: office?.channel ?? null },
      name: monthlyVersionOf(version ?? "", list)?.name ?? null,
      managedBy: office === undefined ? null : (office.managedBy ?? OfficeManager.policy),
      supported: office !== undefined && isOneOf(monthlyInstalled(office), supportedOffice(list, now)),
    },
    edge: { version: edge?.version ?? null, channel: edge?.channel ?? null },
    teams: {
      ...{ label: ofTeams.label, reasons: [...ofTeams.reasons] },
      ...{ version: teams?.version ?? null, signedIn: teams?.signedIn ?? null },
    },
    antivirus: {
      ...definitionsOf(inventory, now, staleDays),
      signatureVersion: antivirus?.signatureVersion ?? null,
      signaturesUpdatedAt: antivirus?.signaturesUpdatedAt ?? null,
      scannedAt: antivirus?.scannedAt ?? null,
    },
  };
}
