import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TokenSigner } from "../../../../infra/local/tenant/authority/tokens.js";
import { guid } from "../../../../infra/local/tenant/state/ids.js";
import { certificates } from "../../../../infra/local/tenant/transport/certificates.js";
import { built } from "../../../../infra/local/world/app-root.js";
import { StateFolder } from "../../../../infra/local/world/state-file.js";
import { tokenValidator } from "../../../../shared/access/token.js";

const AUTHORITY = "https://localhost:4711";
const SEED = 7;

let dir: string;
let keys: ReturnType<typeof createLocalJWKSet>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "ringmaster-token-"));
  const state = await StateFolder.open(join(dir, "left"));
  const rest = { devices: 10, scenario: "nominal", update: "2024.06 B", gate: "off", startedAt: 0 } as const;
  state.save({ seed: SEED, ...rest, functionKey: "f", masterKey: "m" });
  state.saveAuthority(AUTHORITY);
  const { tokenKey } = await certificates(join(dir, "left", "certificates"));
  keys = createLocalJWKSet(new TokenSigner(tokenKey).keySet() as JSONWebKeySet);
  state.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The command as people call it. */
async function token(...options: string[]): Promise<{ code: number; said: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [built("infra/local/token-cli.ts"), ...options]);
    return { code: 0, said: stdout.trim() };
  } catch (failure) {
    const { code, stderr } = failure as { code: number; stderr: string };
    return { code, said: stderr.trim() };
  }
}

it.each(["Reader", "Operator", "Approver", "Administrator"])(
  "%s: the app takes the token that is printed",
  async (role) => {
    const { code, said } = await token("--role", role, "--state", join(dir, "left"));
    expect(code).toBe(0);
    const settings = { authority: AUTHORITY, tenantId: guid(SEED, "tenant"), audience: "api://ringmaster" };
    expect(await tokenValidator(settings, keys)(said)).toMatchObject({ name: `The local ${role}`, roles: [role] });
  },
);

it("says in one line what is missing", async () => {
  expect(await token("--role", "Owner")).toEqual({
    code: 2,
    said: expect.stringMatching(/^npm run token --: --role must be one of [^\n]*$/),
  });
  expect(await token("--state", join(dir, "nothing"))).toEqual({
    code: 1,
    said: expect.stringMatching(/^npm run token --: .*npm start[^\n]*$/),
  });
});
