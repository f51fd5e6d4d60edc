import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carriesTag, groupName, groupPrefix, MAX_NAME, objectName, tagOf } from "../../../../shared/graph/names.js";

const ring = {
  groupId: "contoso",
  groupName: "Contoso",
  ringName: "Ring1",
  entraGroupId: "6f000000-0000-4000-8000-000000000001",
};

describe("names in the tenant", () => {
  it("read like the ring they serve", () => {
    expect(objectName(ring, "2024.06 B")).toMatch(/^Ringmaster Contoso - Ring1 2024\.06 B \[[0-9a-f]{12}\]$/);
  });

  it("stay findable after the group was renamed and its directory group made anew", () => {
    const before = { displayName: objectName(ring, "standing"), description: null };
    const renamed = { ...ring, groupName: "Fabrikam", entraGroupId: "6f000000-0000-4000-8000-000000000002" };
    expect(carriesTag(before, tagOf(renamed, "standing"))).toBe(true);
  });

  it("tell two rings with the same text apart", () => {
    const other = { groupId: "c", groupName: "Contoso - Ring1", ringName: "standing", entraGroupId: "x" };
    const tag = tagOf(ring, "standing");
    expect(carriesTag({ displayName: objectName(other, "standing"), description: null }, tag)).toBe(false);
  });

  it("are found by the description when the name was changed by hand", () => {
    const tag = tagOf(ring, "standing");
    expect(carriesTag({ displayName: "mine", description: `Kept by Ringmaster [${tag}].` }, tag)).toBe(true);
  });

  it("never exceed the limit and always keep tag and prefix", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 100 }),
        (a, b, key) => {
          const long = { groupId: "g", groupName: a, ringName: b, entraGroupId: "x" };
          const name = objectName(long, key);
          const group = groupName(long, key, "wave 1");
          expect(Math.max(name.length, group.length)).toBeLessThanOrEqual(MAX_NAME);
          expect(name.endsWith(`[${tagOf(long, key)}]`)).toBe(true);
          expect(group.startsWith(groupPrefix(tagOf(long, key)))).toBe(true);
        },
      ),
    );
  });
});
