import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf, TestTenant } from "./support.js";

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
});
afterAll(() => test.discard());

const claimsOf = (token: unknown) => JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString());

describe("token endpoint", () => {
  it("issues a token that carries the granted roles", async () => {
    const { clientId: client_id, clientSecret: client_secret } = test.tenant.credentials;
    const answer = await test.askToken({ client_id, client_secret });
    expect(answer.json).toMatchObject({ token_type: "Bearer", expires_in: 3599 });
    expect(claimsOf(answer.json.access_token)).toMatchObject({
      appid: client_id,
      roles: expect.arrayContaining(["Group.Create"]),
    });
  });

  it("refuses a wrong secret with 401 invalid_client", async () => {
    const answer = await test.askToken({ client_id: test.tenant.credentials.clientId, client_secret: "wrong" });
    expect(answer).toMatchObject({ status: 401, json: { error: "invalid_client" } });
  });

  it("refuses an application it does not know", async () => {
    const answer = await test.askToken({ client_id: "other", client_secret: "wrong" });
    expect(answer).toMatchObject({ status: 400, json: { error: "unauthorized_client" } });
  });

  it("refuses other grants", async () => {
    const answer = await test.askToken({ grant_type: "password" });
    expect(answer).toMatchObject({ status: 400, json: { error: "unsupported_grant_type" } });
  });
});

describe("authentication of Graph calls", () => {
  it("answers 401 without a token", async () => {
    const answer = await test.send("GET", "/v1.0/organization", "", {});
    expect(answer.status).toBe(401);
    expect(errorOf(answer).code).toBe("InvalidAuthenticationToken");
  });

  it("answers 401 for a token with another signature", async () => {
    const { clientId: client_id, clientSecret: client_secret } = test.tenant.credentials;
    const token = String((await test.askToken({ client_id, client_secret })).json.access_token);
    const forged = `${token.split(".").slice(0, 2).join(".")}.${Buffer.from("forged").toString("base64url")}`;
    const answer = await test.send("GET", "/v1.0/organization", "", { authorization: `Bearer ${forged}` });
    expect(answer.status).toBe(401);
  });

  it("answers 401 for a token of another audience", async () => {
    const { clientId: client_id, clientSecret: client_secret } = test.tenant.credentials;
    const scope = "https://api.botframework.com/.default";
    const { json } = await test.askToken({ client_id, client_secret, scope });
    const answer = await test.send("GET", "/v1.0/organization", "", { authorization: `Bearer ${json.access_token}` });
    expect(answer.status).toBe(401);
  });

  it("answers 401 once the token has expired in real time", async () => {
    test.tenant.authority.tokenLifetimeSeconds = 0;
    await test.signIn();
    expect((await test.get("/v1.0/organization")).status).toBe(401);
    test.tenant.authority.tokenLifetimeSeconds = 3599;
    await test.signIn();
  });

  it("keeps a token valid while weeks of domain time pass", async () => {
    test.pass(30 * 86_400);
    expect((await test.get("/v1.0/organization")).status).toBe(200);
  });

  it("answers 403 when the role for the route is missing", async () => {
    test.tenant.authority.grant(["Group.Create"]);
    await test.signIn();
    const answers = await Promise.all([test.get("/v1.0/devices"), test.get("/beta/admin/windows/updates/policies")]);
    expect(answers.map((answer) => [answer.status, errorOf(answer).code])).toEqual([
      [403, "Authorization_RequestDenied"],
      [403, "Forbidden"],
    ]);
  });
});
