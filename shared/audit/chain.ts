import { createHash } from "node:crypto";

/** Where an entry stands in the hash chain of its month. */
export interface Link {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hash of the entry before; of the first one, the last hash of the newest month before it. */
  readonly previous: string;
  /** SHA-256, hexadecimal, of all the rest of the entry. */
  readonly hash: string;
}

/** What the first entry of the very first month follows. */
export const GENESIS = "0".repeat(64);

/** An entry as the API lists it. Entries of before the chain have no link. */
export interface ChainedEntry extends Partial<Link> {
  readonly id: string;
}

/** The link of an entry that follows `previous`. @param entry what is audited, without its link */
export function linkOf(previous: string, seq: number, entry: Readonly<Record<string, unknown>>): Link {
  const hash = createHash("sha256")
    .update(canonicalJson([previous, seq, entry]))
    .digest("hex");
  return { seq, previous, hash };
}

/** JSON of which the same value always has the same text: names sorted, nothing between them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** What somebody wrote down of a chain before: nothing up to there may differ later. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainReport {
  /** Entries with a link, and entries of before the chain, which nothing protects. */
  readonly entries: number;
  readonly unchained: number;
  /** What to write down as the next anchor; null of an empty chain. */
  readonly head: Anchor | null;
  /** What the first entry follows: the head of the month before. */
  readonly begins: string | null;
  /** The first thing that is wrong, for people; null: nothing is. */
  readonly broken: { readonly seq: number; readonly id: string | null; readonly problem: string } | null;
}

/**
 * Recomputes a month's chain from its entries, in any order. It shows every change, removal, insertion and reordering but
 * one: the removal of the newest entries, which only an anchor shows.
 */
export function verifyChain(entries: readonly ChainedEntry[], anchor?: Anchor): ChainReport {
  const linked = entries.flatMap(({ seq, previous, hash, ...entry }) =>
    seq === undefined || previous === undefined || hash === undefined ? [] : [{ link: { seq, previous, hash }, entry }],
  );
  linked.sort((a, b) => a.link.seq - b.link.seq);
  const begins = linked[0]?.link.previous ?? null;
  let head: Anchor | null = null;
  let broken: ChainReport["broken"] = null;
  for (const { link, entry } of linked) {
    const problem = wrongWith(link, entry, head, begins ?? GENESIS);
    if (problem !== undefined) {
      broken = { seq: link.seq, id: entry.id, problem };
      break;
    }
    head = { seq: link.seq, hash: link.hash };
    if (anchor?.seq === link.seq && anchor.hash !== link.hash) {
      broken = { seq: link.seq, id: entry.id, problem: "it is not the entry that the anchor names" };
      break;
    }
  }
  if (broken === null && anchor !== undefined && (head === null || head.seq < anchor.seq)) {
    broken = {
      seq: anchor.seq,
      id: null,
      problem: `the entries after ${head?.seq ?? 0} are gone: the anchor names a later one`,
    };
  }
  return { entries: linked.length, unchained: entries.length - linked.length, head, begins, broken };
}

function wrongWith(
  link: Link,
  entry: { readonly id: string },
  head: Anchor | null,
  begins: string,
): string | undefined {
  const expected = (head?.seq ?? 0) + 1;
  if (link.seq > expected) return `entries ${expected} to ${link.seq - 1} are missing`;
  if (link.seq < expected) return "another entry has the same number";
  if (link.previous !== (head?.hash ?? begins)) return "it does not follow the entry before it";
  if (linkOf(link.previous, link.seq, entry).hash !== link.hash) return "its content is not what was written";
  return undefined;
}
