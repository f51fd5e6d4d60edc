import { AppError } from "../errors.js";
import type { AutopatchGroup } from "./group.js";
import type { RingBinding, StoredGroup } from "./store.js";

/** Entra group ids, as Microsoft Graph names its objects. */
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

type Bindings = Readonly<Record<string, RingBinding>>;

/**
 * Checks that every ring has an Entra group of its own, and that no other Autopatch group has it: devices would be
 * offered updates twice. Throws `invalid_input`, or `conflict` naming the other Autopatch group.
 */
export function checkBindings(
  group: { readonly id: string; readonly definition: AutopatchGroup; readonly bindings: Bindings },
  all: readonly Pick<StoredGroup, "id" | "bindings">[],
): void {
  const rings = group.definition.rings.map(({ name }) => name);
  const unbound = rings.find((ring) => !Object.hasOwn(group.bindings, ring));
  if (unbound !== undefined) refuse(unbound, "is missing: name the Entra group of the ring's devices.");
  const taken = new Map<string, string>();
  for (const [ring, { entraGroupId }] of Object.entries(group.bindings)) {
    if (!rings.includes(ring)) refuse(ring, `names a ring that the group does not have. It has ${rings.join(", ")}.`);
    if (!GUID.test(entraGroupId)) refuse(ring, `needs the object id (GUID) of an Entra group, not '${entraGroupId}'.`);
    const twin = taken.get(entraGroupId.toLowerCase());
    if (twin !== undefined) refuse(ring, `has the Entra group of ${twin}. Give every ring a group of its own.`);
    taken.set(entraGroupId.toLowerCase(), ring);
  }
  for (const { id, bindings } of all) {
    if (id !== group.id) refuseShared(id, bindings, taken);
  }
}

function refuseShared(other: string, bindings: Bindings, taken: ReadonlyMap<string, string>): void {
  for (const [theirs, { entraGroupId }] of Object.entries(bindings)) {
    const ours = taken.get(entraGroupId.toLowerCase());
    if (ours === undefined) continue;
    throw new AppError(
      "conflict",
      `bindings.${ours} has the Entra group of ring ${theirs} of Autopatch group ${other}. Give it a group of its own.`,
      { field: `bindings.${ours}`, details: { groupId: other } },
    );
  }
}

function refuse(ring: string, problem: string): never {
  throw new AppError("invalid_input", `bindings.${ring} ${problem}`, { field: `bindings.${ring}` });
}
