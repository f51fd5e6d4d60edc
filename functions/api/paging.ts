import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "../../shared/errors.js";

/** Items of a page unless the caller says otherwise, and at most. */
const DEFAULT_TOP = 100;
const MOST_ON_A_PAGE = 1000;

/** Query parameters of every list that comes in pages. */
export const pageQuery = z.object({
  top: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_ON_A_PAGE)
    .default(DEFAULT_TOP)
    .describe(`Items on a page, 1 to ${MOST_ON_A_PAGE}.`),
  continuation: z.string().max(4000).optional().describe("Where the page before ended; nextLink has it."),
});

/** The page that a call asks for. */
export interface PageAsked {
  readonly top: number;
  /** Key of the last item before it; "" for the first page. */
  readonly after: string;
  /** The address of the page after the item with this key. */
  readonly next: (after: string) => string;
}

/** Schema of a page of these items. */
export function pageOf<T extends z.ZodType, X extends z.ZodRawShape = Record<never, never>>(item: T, extra?: X) {
  return z.object({
    value: z.array(item),
    nextLink: z.string().optional().describe("Address of the next page; absent on the last one."),
    ...(extra ?? ({} as X)),
  });
}

/** An instant (ISO 8601) as the beginning of a key by which the newest comes first. */
export const newestFirst = (at: string): string => String(10 ** 14 - Date.parse(at));

/** Schema of a list that always comes whole. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ value: z.array(item) });

/**
 * Reads which page is asked for. Throws `invalid_input` for a continuation that is no such list's.
 * @param operation name of the operation
 * @param url address of the call
 * @param query parameters without the function key
 */
export function pageAsked(operation: string, url: string, query: URLSearchParams): PageAsked {
  const { top, continuation } = pageQuery.parse(Object.fromEntries(query));
  const { pathname } = new URL(url);
  const others = [...query].filter(([name]) => name !== "continuation" && name !== "top");
  const list = digest([operation, pathname, ...others.map(([name, value]) => `${name}=${value}`).sort()]);
  return {
    top,
    after: continuation === undefined ? "" : keyIn(continuation, list),
    next: (after) => {
      const parameters = new URLSearchParams(others);
      parameters.set("top", String(top));
      parameters.set("continuation", continuationAfter(after, list));
      return `${pathname}?${parameters}`;
    },
  };
}

/**
 * One page of a list in the order of its keys, which have to be unique. What comes or goes between two pages moves
 * nothing: a page begins behind the last key of the one before.
 */
export function paged<T>({ page }: { readonly page: PageAsked }, items: readonly T[], key: (item: T) => string) {
  const keyed = items.map((item) => ({ key: key(item), item })).filter((one) => one.key > page.after);
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = keyed.slice(0, page.top);
  const last = shown.at(-1);
  const value = shown.map(({ item }) => item);
  return last === undefined || shown.length === keyed.length ? { value } : { value, nextLink: page.next(last.key) };
}

/**
 * One page of what comes one after another in an order of its own, from behind the last key of the page before on.
 * @param wanted which of them the list shows
 */
export async function pageFrom<T>(
  { page }: { readonly page: PageAsked },
  items: AsyncIterable<T>,
  wanted: (item: T) => boolean,
  key: (item: T) => string,
): Promise<{ value: T[]; nextLink?: string }> {
  const value: T[] = [];
  for await (const item of items) {
    if (!wanted(item)) continue;
    const last = value.at(-1);
    if (value.length === page.top && last !== undefined) return { value, nextLink: page.next(key(last)) };
    value.push(item);
  }
  return { value };
}

/**
 * A continuation opens nothing that its list does not show anyway, which is authorised for every page anew: a digest
 * that tells damage and tokens of other lists apart is all it needs.
 */
function continuationAfter(after: string, list: string): string {
  const key = Buffer.from(after).toString("base64url");
  return `${key}.${digest([list, after])}`;
}

function keyIn(continuation: string, list: string): string {
  const [key = "", mark = ""] = continuation.split(".");
  const after = Buffer.from(key, "base64url").toString();
  if (after !== "" && continuation === continuationAfter(after, list) && mark !== "") return after;
  const message =
    "continuation: this is not what nextLink of this list with these parameters said. Follow nextLink as it is, or begin anew without it.";
  throw new AppError("invalid_input", message, { field: "continuation" });
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}
