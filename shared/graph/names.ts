import { createHash } from "node:crypto";

/** The deployment ring that an object in the tenant serves. */
export interface NamedRing {
  /** Id of the Autopatch group; unlike its name it never changes. */
  readonly groupId: string;
  readonly groupName: string;
  readonly ringName: string;
  /** Entra group of the ring's devices; a new one when the group was lost and made again. */
  readonly entraGroupId: string;
}

/** Longest display name of a policy (graph.md §1.9). */
export const MAX_NAME = 200;

/**
 * Twelve hex digits that stand for one purpose in one ring. They are part of every name given in the tenant, so that an
 * object is found again after the group was renamed or its directory group made anew, and never mistaken for that of
 * another ring.
 */
export function tagOf(ring: Pick<NamedRing, "groupId" | "ringName">, purpose: string): string {
  return createHash("sha256").update(`${ring.groupId}\n${ring.ringName}\n${purpose}`).digest("hex").slice(0, 12);
}

/** `Ringmaster <group> - <ring> <purpose> [<tag>]`, at most 200 characters; a long middle is cut, the tag stays. */
export function objectName(ring: NamedRing, purpose: string): string {
  const tail = ` [${tagOf(ring, purpose)}]`;
  return cut(`Ringmaster ${ring.groupName} - ${ring.ringName} ${purpose}`, MAX_NAME - tail.length) + tail;
}

/** A description that says what the object is for and carries the tag as well, should somebody change the name. */
export function objectDescription(ring: NamedRing, purpose: string, sentence: string): string {
  return `${sentence} Kept by Ringmaster [${tagOf(ring, purpose)}]: changes made by hand are undone.`;
}

export interface Described {
  readonly displayName: string | null;
  readonly description: string | null;
}

/** Whether an object carries the tag in its name or its description. */
export function carriesTag(object: Described, tag: string): boolean {
  const mark = `[${tag}]`;
  return (object.displayName ?? "").includes(mark) || (object.description ?? "").includes(mark);
}

/** Directory groups are searched by the beginning of their name, so there the tag comes first. */
export function groupPrefix(tag: string): string {
  return `Ringmaster ${tag} `;
}

/** Display name of a directory group made for one purpose of a ring, e.g. `wave 2`. */
export function groupName(ring: NamedRing, purpose: string, detail: string): string {
  return cut(`${groupPrefix(tagOf(ring, purpose))}${ring.groupName} - ${ring.ringName} ${purpose} ${detail}`, MAX_NAME);
}

/** A text of at most so many characters; what is cut ends with an ellipsis. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}
