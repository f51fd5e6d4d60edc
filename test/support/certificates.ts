import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificates } from "../../infra/local/tenant/transport/certificates.js";

let made: Promise<string> | undefined;

/** The folder of certificates that all tenants of this process may share: to make some costs half a second. */
export function sharedCertificates(): Promise<string> {
  made ??= make();
  return made;
}

async function make(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "test-certificates-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  await certificates(dir);
  return dir;
}
