import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChainedEntry, canonicalJson, GENESIS, linkOf, verifyChain } from "../../../../shared/audit/chain.js";

/** A chain of entries that say what they are. */
function chain(length: number, previous = GENESIS) {
  let last = previous;
  return Array.from({ length }, (_, at) => {
    const entry = { id: `${at}`, action: `act ${at}`, evidence: { devices: at, why: ["a", "b"] } };
    const link = linkOf(last, at + 1, entry);
    last = link.hash;
    return { ...entry, ...link };
  });
}

const headOf = (entries: readonly ChainedEntry[]) => verifyChain(entries).head;

describe("a chain of audit entries", () => {
  it("is whole as it was written, in whatever order it is read", () => {
    const entries = chain(5);
    const report = verifyChain([...entries].reverse());
    expect(report).toMatchObject({ entries: 5, unchained: 0, begins: GENESIS, broken: null });
    expect(report.head).toEqual({ seq: 5, hash: entries.at(-1)?.hash });
    expect(verifyChain([])).toMatchObject({ entries: 0, head: null, broken: null });
  });

  it("shows any change of any entry", () => {
    fc.assert(
      fc.property(fc.nat(9), fc.constantFrom("action", "id", "hash", "previous", "evidence"), (at, field) => {
        const entries = chain(10).map((entry, place) => (place === at ? { ...entry, [field]: "forged" } : entry));
        expect(verifyChain(entries).broken?.seq).toBeGreaterThan(0);
      }),
    );
    const [first, second, third] = chain(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error("There are too few.");
    const forged = { ...second, action: "another act" };
    expect(verifyChain([first, forged, third]).broken).toEqual({
      seq: 2,
      id: "1",
      problem: "its content is not what was written",
    });
    const reworked = { ...forged, ...linkOf(first.hash, 2, { id: forged.id, action: forged.action }) };
    expect(verifyChain([first, reworked, third]).broken).toMatchObject({ seq: 2 });
  });

  it("shows what is missing, doubled or out of order", () => {
    const entries = chain(5);
    expect(verifyChain(entries.filter((_, at) => at !== 2)).broken).toMatchObject({
      seq: 4,
      problem: "entries 3 to 3 are missing",
    });
    expect(verifyChain(entries.slice(1)).broken).toMatchObject({ seq: 2, problem: "entries 1 to 1 are missing" });
    const doubled = [...entries, { ...(entries[1] as ChainedEntry), id: "other" }];
    expect(verifyChain(doubled).broken?.problem).toBe("another entry has the same number");
  });

  it("shows by an anchor that the newest entries are gone, or that all was written anew", () => {
    const entries = chain(5);
    const anchor = headOf(entries) ?? undefined;
    expect(verifyChain(chain(7), anchor).broken).toBeNull();
    expect(verifyChain(entries.slice(0, 3)).broken).toBeNull();
    expect(verifyChain(entries.slice(0, 3), anchor).broken?.problem).toContain("after 3 are gone");
    expect(verifyChain([], anchor).broken?.problem).toContain("after 0 are gone");
    expect(verifyChain(chain(7, "f".repeat(64)), anchor).broken?.problem).toContain("anchor");
  });

  it("counts entries of before it, which it cannot protect", () => {
    expect(verifyChain([{ id: "old" }, ...chain(2)])).toMatchObject({ entries: 2, unchained: 1, broken: null });
  });
});

describe("canonical JSON", () => {
  it("is the same for the same value, whatever the order of its names, and again after parsing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(canonicalJson(value));
      }),
    );
    expect(canonicalJson({ b: 1, a: [{ d: null, c: undefined }] })).toBe('{"a":[{"d":null}],"b":1}');
    expect(canonicalJson({ a: { b: 1 } })).not.toBe(canonicalJson({ a: { b: "1" } }));
  });
});
