import { badRequest } from "../graph/errors.js";
import { type GraphRequest, type GraphResponse, type Json, ok } from "../graph/types.js";
import { ordered, passes } from "./evaluate.js";
import type { Expansion } from "./options.js";

export type Expanders<T> = Readonly<Record<string, (row: T, nested: Expansion) => Json>>;

export interface Listing<T> {
  readonly rows: readonly T[];
  /** The row as Graph answers it, with every property it can have. */
  readonly project: (row: T) => Json;
  /** Per navigation property: the members that expanding it adds. */
  readonly expand?: Expanders<T>;
  /** Items per page unless `$top` says otherwise. Default 100. */
  readonly pageSize?: number;
  /** Largest `$top`. Default 999. */
  readonly maxPageSize?: number;
  /** Intune counts without being asked. */
  readonly alwaysCount?: boolean;
  /** What follows `$metadata#`. */
  readonly context: string;
}

/** Answers a collection: filter, order, skip, page, expand, select, count (graph.md §3.2). */
export function answerList<T>(request: GraphRequest, listing: Listing<T>): GraphResponse {
  const { query } = request;
  const limit = Math.min(query.top ?? listing.pageSize ?? 100, listing.maxPageSize ?? 999);
  const shape = { ...listing, project: once(listing.project) };
  const rows = arrange(request, shape);
  const isWanted = rows.map((row) => wanted(request, shape, row));
  const start = query.skipToken === undefined ? (query.skip ?? 0) : readSkipToken(query.skipToken);
  const page: T[] = [];
  let at = start;
  for (; at < rows.length && page.length < limit; at++) if (isWanted[at]) page.push(rows[at] as T);
  while (at < rows.length && !isWanted[at]) at++;
  const counting = (query.count || listing.alwaysCount === true) && query.skipToken === undefined;
  return ok({
    "@odata.context": `${request.root}/$metadata#${listing.context}`,
    ...(counting ? { "@odata.count": isWanted.filter((each) => each).length } : {}),
    ...(at < rows.length && limit > 0
      ? { "@odata.nextLink": nextLink(request, Math.max(start + 1, at - request.repeatItems)) }
      : {}),
    value: page.map((row) => present(request, shape, row)),
  });
}

/** Answers one item with `$expand` and `$select`. */
export function answerItem<T>(
  request: GraphRequest,
  row: T,
  shape: Pick<Listing<T>, "project" | "expand" | "context">,
): GraphResponse {
  return ok({
    "@odata.context": `${request.root}/$metadata#${shape.context}/$entity`,
    ...present(request, shape, row),
  });
}

/** How many rows pass the filter, as `/$count` answers it. */
export function answerCount<T>(request: GraphRequest, listing: Listing<T>): GraphResponse {
  const count = listing.rows.filter((row) => wanted(request, listing, row)).length;
  return { status: 200, text: String(count) };
}

/** Large collections are filtered, counted and shown: each row is projected once for all three. */
function once<T>(project: (row: T) => Json): (row: T) => Json {
  const known = new Map<T, Json>();
  return (row) => {
    const item = known.get(row) ?? project(row);
    known.set(row, item);
    return item;
  };
}

function wanted<T>(request: GraphRequest, listing: Listing<T>, row: T): boolean {
  const { filter } = request.query;
  return filter === undefined || passes(listing.project(row), filter);
}

function arrange<T>(request: GraphRequest, listing: Listing<T>): readonly T[] {
  if (request.query.orderBy.length === 0) return listing.rows;
  const compare = ordered(request.query.orderBy);
  return listing.rows
    .map((row) => ({ row, item: listing.project(row) }))
    .sort((a, b) => compare(a.item, b.item))
    .map(({ row }) => row);
}

function present<T>(request: GraphRequest, shape: Pick<Listing<T>, "project" | "expand">, row: T): Json {
  const item = { ...shape.project(row) };
  const expanded = new Set<string>();
  for (const nested of request.query.expand) {
    const expander = shape.expand?.[nested.name];
    if (expander === undefined) throw badRequest(`Could not find a property named '${nested.name}' to expand.`);
    const added = expander(row, nested);
    for (const name of Object.keys(added)) expanded.add(name);
    Object.assign(item, added);
  }
  return select(item, request.query.select, expanded);
}

/** Keeps the selected members, annotations and whatever was expanded. */
export function select(item: Json, names: readonly string[] | undefined, keep: ReadonlySet<string> = new Set()): Json {
  if (names === undefined || names.includes("*")) return item;
  const kept: Json = {};
  for (const name in item) if (names.includes(name) || name.startsWith("@") || keep.has(name)) kept[name] = item[name];
  return kept;
}

function nextLink(request: GraphRequest, position: number): string {
  const query = new URLSearchParams(request.query.raw);
  query.delete("$skip");
  query.set("$skiptoken", Buffer.from(JSON.stringify({ p: position })).toString("base64url"));
  return link(request, request.path, query);
}

/** A link for the client to follow, with option names as Graph writes them. */
export function link(request: GraphRequest, path: string, query: URLSearchParams): string {
  return `${request.root}${path}?${query.toString().replaceAll("%24", "$")}`;
}

function readSkipToken(token: string): number {
  try {
    const { p } = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as { p?: unknown };
    if (typeof p === "number" && p >= 0) return p;
  } catch {
    throw badRequest("Skip token is invalid.");
  }
  throw badRequest("Skip token is invalid.");
}
