import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rowsOfSource } from "./rows.js";

/** Rows that a test file speaks for; none when it is not there (a result may come from elsewhere). */
export function rowsOfFile(file: string): number[] {
  return existsSync(file) ? rowsOfSource(readFileSync(file, "utf8")) : [];
}

/** Acceptance test files below the app's root that speak for one of the rows, in the order of their names. */
export function filesOf(root: string, rows: ReadonlySet<number>): string[] {
  const folder = join("test", "acceptance");
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name))
    .filter((file) => rowsOfFile(join(root, file)).some((row) => rows.has(row)))
    .sort();
}
