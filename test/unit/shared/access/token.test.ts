import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLocalJWKSet, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tokenValidator } from "../../../../shared/access/token.js";
import { wall } from "../../../../shared/wall.js";
import { Issuer, NOW, OID, SETTINGS } from "./tokens.js";

let now = NOW;
const issuer = await Issuer.create();
const validate = tokenValidator(SETTINGS, issuer.keys);

beforeEach(() => {
  now = NOW;
  vi.spyOn(wall, "now").mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

describe("a genuine token", () => {
  it("gives object id, name and app roles", async () => {
    expect(await validate(await issuer.token())).toEqual({ oid: OID, name: "Ada Quist", roles: ["Reader"] });
  });

  it("of version 1 names the tenant differently and is taken too", async () => {
    const token = await issuer.token({ iss: `https://sts.windows.net/${SETTINGS.tenantId}/` });
    expect((await validate(token)).oid).toBe(OID);
  });

  it("without app roles has none", async () => {
    expect((await validate(await issuer.token({ roles: undefined }))).roles).toEqual([]);
  });

  it.each([
    [{ name: undefined, preferred_username: "ada@contoso.com" }, "ada@contoso.com"],
    [{ name: undefined, azp: "1234" }, "Application 1234"],
    [{ name: undefined, azp: undefined, appid: "1234" }, "Application 1234"],
  ])("with %j is named %s", async (claims, name) => {
    expect((await validate(await issuer.token(claims))).name).toBe(name);
  });
});

describe("refused as unauthenticated", () => {
  const refused = async (token: string, reason: RegExp) =>
    expect(validate(token)).rejects.toMatchObject({ code: "unauthenticated", message: expect.stringMatching(reason) });

  it.each([
    ["another audience", { aud: "api://other" }, /\(aud\)/],
    ["another tenant", { iss: "https://login.microsoftonline.com/other/v2.0" }, /\(iss\)/],
    ["no expiry", { exp: undefined }, /\(exp\)/],
    ["no object id", { oid: undefined }, /claim oid/],
    ["no application that asked for it, as one that only says who signed in", { azp: undefined }, /not for calls/],
    ["an object id that is none", { oid: "ada" }, /claim oid/],
    ["a time still to come", { nbf: NOW / 1000 + 3600 }, /\(nbf\)/],
  ])("for %s", async (_what, claims, reason) => {
    await refused(await issuer.token(claims), reason);
  });

  it("once it has expired in wall time, a minute of grace apart", async () => {
    const token = await issuer.token({ exp: NOW / 1000 });
    now = NOW + 59_000;
    expect((await validate(token)).oid).toBe(OID);
    now = NOW + 61_000;
    await refused(token, /expired/);
  });

  it("for a signature by somebody else's key", async () => {
    await refused(await (await Issuer.create()).token(), /signature is wrong/);
  });

  it("for a key that the tenant does not publish", async () => {
    await refused(await issuer.token({}, { kid: "key-2" }), /not signed with a key of the tenant/);
  });

  it("for naming no key, where the tenant publishes several", async () => {
    const keys = [...issuer.keySet.keys, ...(await Issuer.create()).keySet.keys];
    const check = tokenValidator(SETTINGS, createLocalJWKSet({ keys }));
    const unnamed = await issuer.token({}, { kid: undefined });
    await expect(check(unnamed)).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringMatching(/names no key/),
    });
  });

  it("without a signature, or with one of a shared secret", async () => {
    const [, payload] = (await issuer.token()).split(".");
    const unsigned = `${Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url")}.${payload}.`;
    await refused(unsigned, /RS256/);
    const shared = new SignJWT({ oid: OID }).setProtectedHeader({ alg: "HS256", kid: "key-1" });
    await refused(await shared.sign(new TextEncoder().encode("x".repeat(32))), /RS256/);
  });

  it.each(["x", "a.b.c", "..", "a.b.c.d.e"])("when it is %j", async (token) => {
    await refused(token, /not a signed token|not a token|RS256/);
  });
});

describe("the tenant's published keys", () => {
  it("are read once for many tokens; when they cannot be read nobody is refused for good", async () => {
    let reads = 0;
    let up = false;
    const server = createServer((request, response) => {
      reads++;
      expect(request.url).toBe(`/${SETTINGS.tenantId}/discovery/v2.0/keys`);
      response.statusCode = up ? 200 : 503;
      response.end(JSON.stringify(issuer.keySet));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const token = await issuer.token({ iss: `${authority}/${SETTINGS.tenantId}/v2.0` });
    const check = tokenValidator({ ...SETTINGS, authority: `${authority}/` });
    try {
      await expect(check(token)).rejects.toMatchObject({ code: "unavailable", retryable: true });
      up = true;
      reads = 0;
      for (let time = 0; time < 3; time++) expect((await check(token)).oid).toBe(OID);
      expect(reads).toBe(1);
    } finally {
      server.close();
    }
  });
});
