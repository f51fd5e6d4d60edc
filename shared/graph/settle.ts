import { AppError } from "../errors.js";

/** The result of a call, or undefined when Graph says that the object does not exist. */
export async function absentWhenMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return undefined;
    throw error;
  }
}

/** The error of a write that Graph accepted and a read does not show yet (graph.md §6.3): the step is repeated. */
export function notYet(what: string): AppError {
  const message = `${what} was accepted by Microsoft Graph but reading it back does not show it yet. The step is repeated; if it goes on for an hour, look at the object in the tenant.`;
  return new AppError("not_yet_consistent", message, { retryAfterSeconds: 15 });
}

interface Dated {
  readonly id: string;
  readonly createdDateTime: string | null;
}

/** Oldest first; those without a date last; the id decides between equals, so that everybody keeps the same one. */
export function oldestFirst<T extends Dated>(objects: readonly T[]): T[] {
  const rank = ({ createdDateTime }: Dated) =>
    createdDateTime === null ? Number.POSITIVE_INFINITY : Date.parse(createdDateTime);
  return [...objects].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    if (left !== right) return left < right ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  });
}

export function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  const wanted = new Set(left.map((id) => id.toLowerCase()));
  const actual = new Set(right.map((id) => id.toLowerCase()));
  return wanted.size === actual.size && [...wanted].every((id) => actual.has(id));
}
