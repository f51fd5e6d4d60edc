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

/** Who acts: a person, an application or the service itself. */
export interface Actor {
  /** Stable id, as the audit log keeps it. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Scope tags within which the actor sees and edits Autopatch groups (autopatch.md §4.8). */
  readonly scopeTagIds: readonly string[] | "all";
}

/** The service as the author of what it does on its own (autopatch.md §10.1 names it so in the audit log). */
export const SERVICE: Actor = { id: "service", name: "Ringmaster", role: "Administrator", scopeTagIds: "all" };

/** The one authoriser: throws `forbidden` unless the actor holds `needed` or a stronger role. */
export function authorise(actor: Actor, needed: Role, act: string): void {
  if (RANK[actor.role] >= RANK[needed]) return;
  throw new AppError(
    "forbidden",
    `${actor.name} may not ${act}: that needs the role ${needed}, and ${actor.name} has ${actor.role}. Ask an administrator for the role.`,
    { details: { needed, held: actor.role } },
  );
}
