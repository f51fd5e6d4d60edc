import type { MembershipChange } from "../directory/directory.js";

const NONE: readonly string[] = [];

/**
 * Which groups an object is in, as Windows Update and Intune know it: they learn of a change some time after the
 * directory made it. An array of shared strings per object keeps 20,000 devices small.
 */
export class ReplicatedMembership {
  readonly #groups = new Map<string, readonly string[]>();

  apply({ groupId, added, removed }: MembershipChange): void {
    for (const id of added) {
      const groups = this.#groups.get(id) ?? NONE;
      if (!groups.includes(groupId)) this.#groups.set(id, [...groups, groupId]);
    }
    for (const id of removed) {
      const groups = (this.#groups.get(id) ?? NONE).filter((each) => each !== groupId);
      if (groups.length === 0) this.#groups.delete(id);
      else this.#groups.set(id, groups);
    }
  }

  /** The groups of an object, and the groups that these are in, through any nesting. */
  groupsOf(id: string): readonly string[] {
    const direct = this.#groups.get(id) ?? NONE;
    if (!direct.some((group) => this.#groups.has(group))) return direct;
    const found = new Set(direct);
    for (const group of found) for (const above of this.#groups.get(group) ?? NONE) found.add(above);
    return [...found];
  }
}
