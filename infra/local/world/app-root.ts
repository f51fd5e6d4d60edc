import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the app's package.json, whether this runs from the sources or from the build. RINGMASTER_APP names
 * another one: a copy of the app that is to run instead.
 */
export function appRoot(): string {
  const { RINGMASTER_APP: other } = process.env;
  if (other !== undefined && other !== "") return other;
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json"))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error("No package.json above the local stack.");
    dir = parent;
  }
  return dir;
}

/** The built form of a source file, `infra/local/simulate.ts`: child processes run it even when this runs from the sources. */
export function built(source: string): string {
  return join(appRoot(), "dist", source.replace(/\.ts$/, ".js"));
}
