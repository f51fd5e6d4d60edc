import type { Role } from "../../../shared/access/roles.js";
import { defaultGroup, FIRST_RING, LAST_RING } from "../../../shared/groups/defaults.js";
import type { AutopatchGroup, AutopatchGroupInput } from "../../../shared/groups/group.js";
import { POOL_SHARES, ringSizes } from "../fleet/ring-sizes.js";
import type { Tenant } from "../tenant/index.js";
import type { Api } from "./api.js";

/** Update types by name, and whether the service manages them for the sample group. */
export type Managed = Readonly<Partial<AutopatchGroup["updateTypes"]>>;

/** Drivers come by the dozen, and each has a release of its own: they are for those who ask. */
const MANAGED: Managed = { driver: false };

export interface Seed {
  readonly gate: "off" | "advise" | "enforce";
  /** What differs from the defaults of a group; drivers are off. */
  readonly managed?: Managed;
  /** Directory object ids in the order in which rings are filled. */
  readonly objectIds: readonly string[];
  /** People of the tenant, by object id in Entra, and the role that each gets in the app. */
  readonly people: readonly { readonly oid: string; readonly role: Role }[];
}

/**
 * Does what an administrator does first: enrols the tenant and creates an Autopatch group of the directory groups in
 * which the organisation has its devices. The app discovers the devices and distributes them. Every step may be repeated.
 */
export async function seed(tenant: Tenant, api: Api, { gate, managed = {}, objectIds, people }: Seed): Promise<void> {
  const sizes = ringSizes(objectIds.length);
  const [test = 0, last = 0] = [sizes[0], sizes.at(-1)];
  const sources = {
    testers: directoryGroup(tenant, "Patch testers", objectIds.slice(0, test)),
    executives: directoryGroup(tenant, "Executives", objectIds.slice(test, test + last)),
    workforce: directoryGroup(tenant, "Workforce devices", objectIds.slice(test + last)),
  };
  const { currentTerms } = await api.get<{ currentTerms: { version: string } }>("/tenant");
  await api.send("POST", "/tenant/enrol", {
    termsVersion: currentTerms.version,
    acceptTerms: true,
    consent: true,
    contacts: [
      {
        name: "Ada Admin",
        email: "ada@contoso.example",
        phone: "+1 425 555 0100",
        language: "en",
        areas: ["Devices", "Updates"],
      },
    ],
  });
  for (const { oid, role } of people) await api.send("PUT", `/roles/assignments/${oid}`, { role });
  await api.send("PUT", "/groups/workforce", { definition: definition(sources, gate, managed) });
}

type Sources = Readonly<Record<"testers" | "executives" | "workforce", string>>;

function definition(
  { testers, executives, workforce }: Sources,
  gate: Seed["gate"],
  managed: Managed,
): AutopatchGroupInput {
  const { rings, ...group } = defaultGroup("Workforce");
  const shares = new Map<string, number>(POOL_SHARES.map(({ ring, percent }) => [ring, percent]));
  const assigned: Readonly<Record<string, string>> = { [FIRST_RING]: testers, [LAST_RING]: executives };
  return {
    ...group,
    dynamicGroupIds: [workforce],
    rings: rings.map((ring) => ({
      ...ring,
      distribution: { assignedGroupId: assigned[ring.name], dynamicPercent: shares.get(ring.name) },
    })),
    updateTypes: { ...group.updateTypes, ...MANAGED, ...managed },
    gate: { mode: gate },
  };
}

function directoryGroup(tenant: Tenant, displayName: string, memberIds: readonly string[]): string {
  const uniqueName = `sample-${displayName.toLowerCase().replaceAll(" ", "-")}`;
  return tenant.ensureGroup({ uniqueName, displayName, description: "Devices of the sample fleet.", memberIds });
}
