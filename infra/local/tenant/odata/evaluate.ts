import { badRequest } from "../graph/errors.js";
import type { Json } from "../graph/types.js";
import type { Comparison, FilterNode, Literal } from "./filter.js";
import type { OrderBy } from "./options.js";

/** Whether an item, as it would be answered, passes the filter. Throws 400 for a property the item does not have. */
export function passes(item: Json, node: FilterNode): boolean {
  switch (node.kind) {
    case "and":
      return passes(item, node.left) && passes(item, node.right);
    case "or":
      return passes(item, node.left) || passes(item, node.right);
    case "not":
      return !passes(item, node.inner);
    case "isof":
      return isOf(item, node.type);
    case "in":
      return node.values.some((value) => compare(valueAt(item, node.path), "eq", value));
    case "any": {
      const list = valueAt(item, node.path);
      return Array.isArray(list) && list.some((each) => compare(each, "eq", node.value));
    }
    case "text":
      return textTest(valueAt(item, node.path), node.name, node.value);
    case "compare":
      return compare(valueAt(item, node.path), node.operator, node.value);
  }
}

/** Order of two items under `$orderby`. */
export function ordered(order: readonly OrderBy[]): (a: Json, b: Json) => number {
  return (a, b) => {
    for (const { path, descending } of order) {
      const difference = rank(valueAt(a, path), valueAt(b, path));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

function isOf(item: Json, type: string): boolean {
  return String(item["@odata.type"]).replace("#", "").toLowerCase() === type.replace("#", "").toLowerCase();
}

/** Follows a path; a segment with dots is a type, and items of other types have null below it. */
function valueAt(item: Json, path: string): unknown {
  let value: unknown = item;
  for (const name of path.split("/")) {
    if (name.includes(".")) {
      if (!isOf(value as Json, name)) return null;
    } else if (value === null || typeof value !== "object") return null;
    else if (name in value) value = (value as Json)[name];
    else
      throw badRequest(`Invalid filter clause: Could not find a property named '${name}' on the type of the resource.`);
  }
  return value;
}

function textTest(value: unknown, name: "startswith" | "endswith" | "contains", part: string): boolean {
  if (typeof value !== "string") return false;
  const text = value.toLowerCase();
  const wanted = part.toLowerCase();
  if (name === "startswith") return text.startsWith(wanted);
  return name === "endswith" ? text.endsWith(wanted) : text.includes(wanted);
}

function compare(value: unknown, operator: Comparison, literal: Literal): boolean {
  if (operator === "eq" || operator === "ne") return same(value, literal) === (operator === "eq");
  if (value === null || value === undefined || literal === null) return false;
  const difference = rank(value, literal);
  if (operator === "gt") return difference > 0;
  if (operator === "ge") return difference >= 0;
  return operator === "lt" ? difference < 0 : difference <= 0;
}

/** Text compares without case, dates as instants. */
function same(value: unknown, literal: Literal): boolean {
  if (typeof value !== "string" || typeof literal !== "string") return (value ?? null) === literal;
  return value.toLowerCase() === literal.toLowerCase() || (isDate(value) && Date.parse(value) === Date.parse(literal));
}

function rank(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") {
    if (isDate(a) && isDate(b)) return Date.parse(a) - Date.parse(b);
    return a.localeCompare(b, "en");
  }
  return Number(a) - Number(b);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(T|$)/.test(text);
}
