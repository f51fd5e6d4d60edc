import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestTenant } from "./support.js";

const ada = { oid: "aaaaaaaa-0000-4000-a000-000000000001", name: "Ada", roles: ["Operator"] };

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
});
afterAll(() => test.discard());

async function published(): Promise<{ issuer: string; keys: JSONWebKeySet }> {
  const { tenantId } = test.tenant.credentials;
  const { json } = await test.send("GET", `/${tenantId}/v2.0/.well-known/openid-configuration`, "", {});
  const keys = await test.send("GET", String(json.jwks_uri), "", {});
  return { issuer: String(json.issuer), keys: keys.json as unknown as JSONWebKeySet };
}

async function verified(token: string, audience = "api://ringmaster") {
  const { issuer, keys } = await published();
  return (await jwtVerify(token, createLocalJWKSet(keys), { issuer, audience })).payload;
}

describe("the token of a person", () => {
  it("holds by the published keys and names who it is", async () => {
    const { tenantId } = test.tenant.credentials;
    expect(await verified(test.tenant.token(ada))).toMatchObject({
      ...ada,
      scp: "access_as_user",
      tid: tenantId,
      ver: "2.0",
      iss: `${test.tenant.authorityUrl}/${tenantId}/v2.0`,
    });
  });

  it("carries the scopes and the audience that were asked for", async () => {
    const token = test.tenant.token({ ...ada, scopes: ["a", "b"], audience: "api://other" });
    expect(await verified(token, "api://other")).toMatchObject({ scp: "a b" });
  });

  it("expires in real time", async () => {
    const token = test.tenant.token({ ...ada, lifetimeSeconds: -1 });
    await expect(verified(token)).rejects.toMatchObject({ code: "ERR_JWT_EXPIRED" });
  });

  it("opens nothing in Graph", async () => {
    const answer = await test.get("/v1.0/groups", { authorization: `Bearer ${test.tenant.token(ada)}` });
    expect(answer.status).toBe(401);
  });
});
