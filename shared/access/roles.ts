import { AppError } from "../errors.js";

/** Application roles, weakest first (design.md §3.12). A role may do everything that those before it may. */
export const Role = {
  reader: "Reader",
  operator: "Operator",
  approver: "Approver",
  administrator: "Administrator",
} as const;
export type Role = (typeof Role)[keyof typeof Role];

const RANK: Readonly<Record<Role, number>> = { Reader: 0, Operator: 1, Approver: 2, Administrator: 3 };

/** What a role is held over (autopatch.md §4.8 grants each on its own). */
export const Area = {
  /** Autopatch groups, devices, releases and reports. */
  groups: "groups",
  /** Policies in Intune that the service keeps. */
  policies: "policies",
  /** Enrolment, licences, contacts and who has which role. */
  tenant: "tenant",
} as const;
export type Area = (typeof Area)[keyof typeof Area];

/** The role held over each area; null: none. */
export type Rights = Readonly<Record<Area, Role | null>>;

/** The same role over everything. */
export function rightsOf(role: Role | null): Rights {
  return { groups: role, policies: role, tenant: role };
}

/** Who acts: a person, an application or the service itself. */
export interface Actor {
  /** Stable id, as the audit log keeps it. */
  readonly id: string;
  readonly name: string;
  readonly rights: Rights;
  /** Scope tags within which the actor sees and edits Autopatch groups (autopatch.md §4.8). */
  readonly scopeTagIds: readonly string[] | "all";
}

/** The service as the author of what it does on its own (autopatch.md §10.1 names it so in the audit log). */
export const SERVICE: Actor = {
  id: "service",
  name: "Ringmaster",
  rights: rightsOf(Role.administrator),
  scopeTagIds: "all",
};

/** The one authoriser: throws `forbidden` unless the actor holds `needed` or a stronger role over one of the areas. */
export function authorise(actor: Actor, needed: Role, act: string, areas: readonly Area[] = [Area.groups]): void {
  if (authorises(actor, needed, areas)) return;
  const held = areas.map((area) => actor.rights[area]).find((role) => role !== null) ?? "none";
  throw new AppError(
    "forbidden",
    `${actor.name} may not ${act}: that needs the role ${needed} for ${areas.join(" or ")}, and ${actor.name} has ${held}. Ask an administrator for the role.`,
    { details: { areas, needed, held } },
  );
}

/** Whether the actor holds `needed` or a stronger role over one of the areas. */
export function authorises({ rights }: Pick<Actor, "rights">, needed: Role, areas: readonly Area[] = [Area.groups]) {
  return areas.some((area) => covers(rights[area], needed));
}

/** Whether `held` may do all that `needed` may. */
function covers(held: Role | null, needed: Role | null): boolean {
  return needed === null || (held !== null && RANK[held] >= RANK[needed]);
}

/** Whether the rights include all of the others. */
export function includes(held: Rights, others: Rights): boolean {
  return Object.values(Area).every((area) => covers(held[area], others[area]));
}

/** The strongest role of each over each area. */
export function united(all: readonly Rights[]): Rights {
  const strongest = (area: Area) =>
    all.reduce<Role | null>((best, rights) => (covers(best, rights[area]) ? best : rights[area]), null);
  return { groups: strongest("groups"), policies: strongest("policies"), tenant: strongest("tenant") };
}
