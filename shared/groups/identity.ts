import { AppError } from "../errors.js";
import { listReleases } from "../releases/store.js";

const MAX_LENGTH = 40;
/** What stands in the place of a group's id in paths of the API. */
const RESERVED = ["apply", "default-distribution", "plan"];

/**
 * An id made of a group's name: lower-case letters, digits and dashes; the first free one of `name`, `name-2`, `name-3`…
 */
export function idFromName(name: string, taken: ReadonlySet<string>): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "");
  const stem = trimmed(plain.replace(/[^a-z0-9]+/g, "-"), MAX_LENGTH) || "group";
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? "" : `-${count}`;
    const id = `${trimmed(stem, MAX_LENGTH - suffix.length)}${suffix}`;
    if (!taken.has(id)) return id;
  }
}

/** Ids that a new group may not have: reserved ones, those of other groups, and of deleted ones that releases still name. */
export async function takenIds(groups: readonly { readonly id: string }[]): Promise<Set<string>> {
  const known = [...groups.map(({ id }) => id), ...(await listReleases()).map(({ groupId }) => groupId)];
  return new Set([...RESERVED, ...known]);
}

/** Throws `invalid_input` for an id that the API has another use for. */
export function refuseReserved(id: string): void {
  if (!RESERVED.includes(id)) return;
  const message = `A group cannot have the id ${id}, which is an address of the API. Choose another one, or POST the group without an id.`;
  throw new AppError("invalid_input", message, { field: "groupId" });
}

function trimmed(text: string, length: number): string {
  return text.slice(0, length).replace(/^-+|-+$/g, "");
}
