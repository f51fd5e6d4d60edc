import { badRequest } from "../../graph/errors.js";
import type { GraphRequest } from "../../graph/types.js";
import type { FilterNode } from "../../odata/filter.js";

const MAX_CLAUSES = 15;

/**
 * Advanced queries on directory objects need `ConsistencyLevel: eventual` and `$count=true` (graph.md §3.1). `cast`:
 * the path names a type. Throws 400 `Request_UnsupportedQuery`.
 */
export function checkAdvanced(request: GraphRequest, { cast = false } = {}): void {
  const { filter, orderBy, search, count, skip } = request.query;
  if (skip !== undefined) throw badRequest("'$skip' is not supported by the service.", "Request_BadRequest");
  if (filter !== undefined) checkClauses(filter, count);
  const eventual = request.headers.consistencylevel?.toLowerCase() === "eventual";
  if (count && !eventual && request.query.skipToken === undefined) throw unsupported();
  const sorted = filter !== undefined && orderBy.length > 0;
  const advanced = cast || search || sorted || (filter !== undefined && needsIndex(filter));
  if (advanced && !(eventual && count)) throw unsupported();
}

/** For `/$count` on a collection: the header alone is enough. */
export function checkCount(request: GraphRequest): void {
  if (request.headers.consistencylevel?.toLowerCase() !== "eventual") throw unsupported();
}

/** Without advanced query capabilities a filter has at most 15 alternatives, those of `in` included. */
function checkClauses(filter: FilterNode, advanced: boolean): void {
  const clauses = alternatives(filter);
  if (advanced || clauses <= MAX_CLAUSES) return;
  const found = `Too many child clauses specified in search filter expression containing 'OR' operators: ${clauses}.`;
  throw badRequest(`${found} Max allowed: ${MAX_CLAUSES}.`, "Request_UnsupportedQuery");
}

function alternatives(node: FilterNode): number {
  if (node.kind === "or") return alternatives(node.left) + alternatives(node.right);
  return node.kind === "in" ? node.values.length : 1;
}

function needsIndex(node: FilterNode): boolean {
  if (node.kind === "and" || node.kind === "or") return needsIndex(node.left) || needsIndex(node.right);
  if (node.kind === "not") return true;
  if (node.kind === "compare") return node.operator === "ne";
  return node.kind === "text" && node.name !== "startswith";
}

function unsupported(): Error {
  const help = "Set the header ConsistencyLevel to eventual and $count to true.";
  return badRequest(`The request uses advanced query capabilities. ${help}`, "Request_UnsupportedQuery");
}
