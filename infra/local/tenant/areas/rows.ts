import { notFound, type Service } from "../graph/errors.js";
import type { Row, Table } from "../state/table.js";

/** The row as it is. Throws 404. */
export function known<T extends Row>(table: Table<T>, service: Service, id = ""): T {
  const row = table.get(id);
  if (row === undefined) throw notFound(service, id);
  return row;
}

/** The row as readers see it by now. Throws 404. */
export function visible<T extends Row>(table: Table<T>, service: Service, id = ""): T {
  const row = table.visible(id);
  if (row === undefined) throw notFound(service, id);
  return row;
}

/** The members that have a value, so that absent ones do not replace what is there. */
export function defined<T extends object>(changes: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
