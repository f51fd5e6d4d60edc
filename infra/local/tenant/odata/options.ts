import { badRequest } from "../graph/errors.js";
import { type FilterNode, parseFilter } from "./filter.js";

export interface OrderBy {
  readonly path: string;
  readonly descending: boolean;
}

export interface Expansion {
  readonly name: string;
  readonly select?: readonly string[];
  readonly expand: readonly Expansion[];
}

/** The OData options of one request, parsed. */
export interface QueryOptions {
  readonly filter?: FilterNode;
  readonly orderBy: readonly OrderBy[];
  readonly top?: number;
  readonly skip?: number;
  readonly select?: readonly string[];
  readonly expand: readonly Expansion[];
  readonly count: boolean;
  readonly search: boolean;
  readonly skipToken?: string;
  readonly deltaToken?: string;
  /** As sent, for links to further pages. */
  readonly raw: URLSearchParams;
}

const KNOWN = new Set(
  "$filter $orderby $top $skip $select $expand $count $search $skiptoken $deltatoken $format".split(" "),
);

/** Parses the query string. Throws 400 for an option Graph does not know or a value it cannot read. */
export function parseOptions(raw: URLSearchParams): QueryOptions {
  for (const name of raw.keys()) {
    if (name.startsWith("$") && !KNOWN.has(name.toLowerCase())) {
      throw badRequest(`The query parameter '${name}' is not supported.`);
    }
  }
  const text = (name: string) => raw.get(name) ?? undefined;
  const filter = text("$filter");
  const select = text("$select");
  const top = natural("$top", text("$top"));
  const skip = natural("$skip", text("$skip"));
  const skipToken = text("$skiptoken");
  const deltaToken = text("$deltatoken");
  return {
    ...(filter === undefined ? {} : { filter: parseFilter(filter) }),
    orderBy: splitTop(text("$orderby") ?? "").map(orderBy),
    ...(top === undefined ? {} : { top }),
    ...(skip === undefined ? {} : { skip }),
    ...(select === undefined ? {} : { select: splitTop(select).map(lastSegment) }),
    expand: splitTop(text("$expand") ?? "").map(expansion),
    count: text("$count")?.toLowerCase() === "true",
    search: raw.has("$search"),
    ...(skipToken === undefined ? {} : { skipToken }),
    ...(deltaToken === undefined ? {} : { deltaToken }),
    raw,
  };
}

function natural(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value '${text}' for ${name} query option found.`);
  return Number(text);
}

function orderBy(text: string): OrderBy {
  const [path = "", direction = "asc"] = text.split(/\s+/);
  if (!/^(asc|desc)$/i.test(direction)) throw badRequest(`Syntax error in $orderby '${text}'.`);
  return { path, descending: direction.toLowerCase() === "desc" };
}

/** `nav($select=a;$expand=b)`, also with a type in front of the name. */
function expansion(text: string): Expansion {
  const [, name = text, inner = ""] = /^([^(]+)(?:\((.*)\))?$/.exec(text) ?? [];
  const options = new Map(splitTop(inner, ";").map((part) => splitOnce(part, "=")));
  const select = options.get("$select");
  return {
    name: lastSegment(name),
    ...(select === undefined ? {} : { select: splitTop(select) }),
    expand: splitTop(options.get("$expand") ?? "").map(expansion),
  };
}

function lastSegment(path: string): string {
  return path.split("/").at(-1) ?? path;
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Splits at separators that stand outside parentheses. */
function splitTop(text: string, separator = ","): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === separator && depth === 0) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== "");
}
