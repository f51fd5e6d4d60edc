import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../../infra/bundle.js";
import { type Mutation, mutated } from "./mutation.js";

/** A copy of the app that may be broken without harm to the app itself. */
export interface AppCopy {
  readonly dir: string;
  remove(): void;
}

/** Copies the build of the app in `root`, with the defect in it if there is one; everything else is a link. */
export async function copyApp(root: string, mutation?: Mutation): Promise<AppCopy> {
  const dir = mkdtempSync(join(tmpdir(), "ringmaster-mutant-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    cpSync(join(root, "dist"), join(dir, "dist"), { recursive: true });
    const rest = readdirSync(root).filter((name) => !name.startsWith(".") && !name.startsWith("dist"));
    for (const name of rest) symlinkSync(join(root, name), join(dir, name));
    if (mutation !== undefined) plant(dir, mutation);
    await bundle(dir);
    return { dir, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function plant(dir: string, mutation: Mutation): void {
  const path = join(dir, "dist", mutation.file);
  writeFileSync(path, mutated(readFileSync(path, "utf8"), mutation));
}
