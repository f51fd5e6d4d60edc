import { expect, it } from "vitest";
import { beginningOf, defaultUpdate, updateNamed } from "../../../../../infra/local/world/update.js";

it("an update is found by its short name", () => {
  expect(updateNamed("2024.06 B")).toMatchObject({ date: "2024-06-11", kind: "B" });
});

it("an unknown update is refused in one line with what there is", () => {
  expect(() => updateNamed("1999.01 B")).toThrow(/^The catalogue has no update '1999.01 B'. It has .+ to .+\.$/);
});

it("time begins at midnight UTC of the release date, before the publication", () => {
  expect(new Date(beginningOf("2024.06 B")).toISOString()).toBe("2024-06-11T00:00:00.000Z");
  expect(beginningOf("2024.06 B")).toBeLessThan(updateNamed("2024.06 B").publishedAt);
});

it("a scenario about one month brings its own update", () => {
  expect([defaultUpdate("nominal"), defaultUpdate("oob")]).toEqual(["2024.06 B", "2025.04 B"]);
});
