import { describe, expect, it } from "vitest";
import { pageAsked, paged, pageFrom } from "../../../../functions/api/paging.js";

const URL_OF_LIST = "http://localhost/api/v1/things";
const page = (query: string, operation = "thingsList", url = URL_OF_LIST) => ({
  page: pageAsked(operation, url, new URLSearchParams(query)),
});
const queryOf = (link: string | undefined) => link?.split("?")[1] ?? "";

/** All pages of a list, followed by their links. */
function allPages(items: () => readonly string[], query: string): string[][] {
  const pages: string[][] = [];
  for (let next: string | undefined = query; next !== undefined; ) {
    const { value, nextLink }: { value: string[]; nextLink?: string } = paged(page(next), items(), (item) => item);
    pages.push(value);
    next = nextLink === undefined ? undefined : queryOf(nextLink);
  }
  return pages;
}

describe("a list in pages", () => {
  it("comes whole and in the order of its keys", () => {
    expect(allPages(() => ["c", "a", "e", "b", "d"], "top=2")).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  it.each([[[]], [["a"]], [["a", "b"]]])("that fits on one page has no link: %j", (items) => {
    expect(allPages(() => items, "top=2")).toEqual([items]);
  });

  it("loses and repeats nothing where items come and go in between", () => {
    const states = [["a", "b", "c", "d"], ["a", "aa", "c", "d"], ["d"]];
    expect(allPages(() => states.shift() ?? [], "top=2")).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("keeps the other parameters in its link, and not the key of the app", () => {
    const { nextLink } = paged(page("ring=Test&top=1"), ["a", "b"], (item) => item);
    expect(nextLink).toMatch(/^\/api\/v1\/things\?ring=Test&top=1&continuation=[\w.-]+$/);
  });

  it("of a stream reads no further than the page", async () => {
    let read = 0;
    async function* numbers() {
      for (const item of ["3", "1", "2", "5", "4"]) {
        read++;
        yield item;
      }
    }
    const first = await pageFrom(
      page("top=2"),
      numbers(),
      (item) => item !== "1",
      (item) => item,
    );
    expect([first.value, read]).toEqual([["3", "2"], 4]);
    expect(page(queryOf(first.nextLink)).page.after).toBe("2");
  });
});

describe("a continuation", () => {
  const { nextLink } = paged(page("ring=Test&top=1"), ["a", "b"], (item) => item);
  const continuation = new URLSearchParams(queryOf(nextLink)).get("continuation") ?? "";

  it.each([
    ["changed", `ring=Test&continuation=x${continuation}`],
    ["cut off", `ring=Test&continuation=${continuation.slice(0, -1)}`],
    ["of other parameters", `ring=Last&continuation=${continuation}`],
    ["empty", "ring=Test&continuation="],
    ["a bare key", "ring=Test&continuation=b"],
  ])("that is %s is refused", (_what, query) => {
    expect(() => page(query)).toThrow(expect.objectContaining({ code: "invalid_input", field: "continuation" }));
  });

  it("of another list is refused", () => {
    const query = `ring=Test&continuation=${continuation}`;
    expect(() => page(query, "othersList")).toThrow(expect.objectContaining({ field: "continuation" }));
    expect(() => page(query, "thingsList", "http://localhost/api/v1/others")).toThrow();
    expect(page(query).page.after).toBe("a");
  });

  it("may come with another size of pages", () => {
    expect(page(`ring=Test&top=50&continuation=${continuation}`).page).toMatchObject({ top: 50, after: "a" });
  });
});
