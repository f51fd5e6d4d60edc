import { listReleases } from "../releases/store.js";

const MAX_LENGTH = 40;

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

/** Ids that a new group may not have: those of other groups, and those of deleted ones that releases still name. */
export async function takenIds(groups: readonly { readonly id: string }[]): Promise<Set<string>> {
  return new Set([...groups.map(({ id }) => id), ...(await listReleases()).map(({ groupId }) => groupId)]);
}

function trimmed(text: string, length: number): string {
  return text.slice(0, length).replace(/^-+|-+$/g, "");
}
