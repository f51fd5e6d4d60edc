import { z } from "zod";
import { instant } from "../schema.js";
import { writeAsRead } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** From the May 2026 release on, tenants take hotpatches unless they opt out (autopatch.md §5.9). */
export const DEFAULT_SINCE = "2026-05-11T00:00:00.000Z";

export const tenantDefaultForm = z.strictObject({
  hotpatch: z.boolean().describe("Whether devices in no quality update policy take hotpatches."),
  justification: z.string().trim().max(1000).optional(),
});

/**
 * What the tenant's own setting says to devices in no quality update policy. Microsoft Graph has no call for that setting,
 * so an administrator enters it here as Intune shows it.
 */
const storedSchema = z.object({ hotpatch: z.boolean(), changedBy: z.string(), changedAt: instant });
type Stored = z.infer<typeof storedSchema>;

export const tenantDefaultSchema = z
  .object({
    hotpatch: z.boolean().describe("The setting; Microsoft's default until somebody changes it."),
    inForce: z.boolean().describe("Whether devices in no quality update policy take hotpatches now."),
    since: instant.describe("Since when Microsoft has such a default."),
    changedBy: z.string().nullable(),
    changedAt: instant.nullable(),
  })
  .meta({ id: "HotpatchDefault" });
export type TenantDefault = z.infer<typeof tenantDefaultSchema>;

const [PARTITION, ID] = ["tenant", "default"];

export async function findTenantDefault(): Promise<Document<Stored> | undefined> {
  return (await store()).get(PARTITION, ID);
}

/** Writes the setting over the one that was read. Throws `conflict` when somebody else wrote it meanwhile. */
export async function putTenantDefault(setting: Stored, before?: Pick<Document<unknown>, "etag">): Promise<void> {
  await writeAsRead(await store(), [PARTITION, ID], setting, before);
}

/** The setting and whether it is in force. @param now ms */
export function tenantDefault(stored: Stored | undefined, now: number): TenantDefault {
  const hotpatch = stored?.hotpatch ?? true;
  return {
    hotpatch,
    inForce: hotpatch && now >= Date.parse(DEFAULT_SINCE),
    since: DEFAULT_SINCE,
    changedBy: stored?.changedBy ?? null,
    changedAt: stored?.changedAt ?? null,
  };
}

/** The policy's setting wins; the tenant's counts only for a device in no quality update policy (row 68). */
export function takesHotpatches(policy: { readonly hotpatch: boolean } | null, tenant: TenantDefault): boolean {
  return policy === null ? tenant.inForce : policy.hotpatch;
}

async function store(): Promise<Documents<Stored>> {
  return documents(await table("Hotpatch"), storedSchema);
}
