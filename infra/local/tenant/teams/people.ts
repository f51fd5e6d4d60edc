import type { Role } from "../../../../shared/access/roles.js";
import { guid, hexId } from "../state/ids.js";

/** Somebody in the team, as Entra and Teams know the person. */
export interface TeamMember {
  /** Object id in Entra. */
  readonly oid: string;
  /** Id in Teams, which cards name people by (graph.md §4.6). */
  readonly mri: string;
  readonly name: string;
  readonly userPrincipalName: string;
  /** What the local seed lets the person do in the app. */
  readonly role: Role;
}

const NAMES: Readonly<Record<Role, string>> = {
  Reader: "Rosa Reader",
  Operator: "Oscar Operator",
  Approver: "Amira Approver",
  Administrator: "Adam Administrator",
};

/** The mailbox from which the app may send. */
export const MAILBOX = "updates@contoso.example";

/** One person for each role; the same for the same seed. */
export function peopleOf(seed: number): TeamMember[] {
  return Object.entries(NAMES).map(([role, name]) => ({
    oid: guid(seed, "person", role),
    mri: `29:1${Buffer.from(hexId(seed, "mri", role), "hex").toString("base64url")}`,
    name,
    userPrincipalName: `${name.split(" ")[0]?.toLowerCase()}@contoso.example`,
    role: role as Role,
  }));
}
