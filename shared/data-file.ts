import { existsSync } from "node:fs";

/**
 * Address of a data file of the project, given by its path below the project's folder. Data lies beside the sources;
 * compiled code reads it from there too. Throws when the file is missing.
 */
export function dataFile(path: string): URL {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL(path, folder))) {
    const parent = new URL("..", folder);
    if (parent.href === folder.href) throw new Error(`${path} is missing: restore it from version control.`);
    folder = parent;
  }
  return new URL(path, folder);
}
