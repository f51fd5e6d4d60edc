import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf, INTUNE, TestTenant } from "./support.js";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start();
});
afterEach(() => test.discard());

const application = () => {
  const { clientId, clientSecret } = test.tenant.credentials;
  return { client_id: clientId, client_secret: clientSecret };
};

describe("an application whose consent was revoked", () => {
  it("gets no token, as if it were not in the directory", async () => {
    test.tenant.revokeConsent();
    const answer = await test.askToken(application());
    expect(answer).toMatchObject({ status: 400, json: { error: "unauthorized_client", error_codes: [700016] } });
  });

  it("is refused with the token it has, in a batch too", async () => {
    test.tenant.revokeConsent();
    const batch = { requests: [{ id: "1", method: "GET", url: "/groups" }] };
    const answers = [
      await test.get("/v1.0/groups"),
      await test.get(`${INTUNE}/managedDevices`),
      await test.post("/v1.0/$batch", batch),
    ];
    expect(answers.map((answer) => [answer.status, errorOf(answer).code])).toEqual([
      [403, "Authorization_RequestDenied"],
      [403, "Forbidden"],
      [403, "Authorization_RequestDenied"],
    ]);
  });

  it("works again after a new consent", async () => {
    test.tenant.revokeConsent();
    test.tenant.grantConsent();
    expect((await test.askToken(application())).status).toBe(200);
    expect((await test.get("/v1.0/groups")).status).toBe(200);
  });
});

describe("administrators", () => {
  const asAdmin = () => ({ authorization: `Bearer ${test.tenant.adminToken()}` });

  it("act while the application may not", async () => {
    test.tenant.revokeConsent();
    expect((await test.get("/v1.0/groups", asAdmin())).status).toBe(200);
  });

  it("may delete the application's groups, which may not delete theirs", async () => {
    const own = await test.group("own");
    const body = { displayName: "A", mailEnabled: false, mailNickname: "a", securityEnabled: true };
    const theirs = (await test.post("/v1.0/groups", body, asAdmin())).json.id;
    expect((await test.call("DELETE", `/v1.0/groups/${own}`, undefined, asAdmin())).status).toBe(204);
    expect((await test.call("DELETE", `/v1.0/groups/${theirs}`)).status).toBe(403);
  });
});

describe("consent and licences", () => {
  it("stay as they were after a restart", async () => {
    const { dir } = test;
    await test.stop();
    const first = await TestTenant.start({ dir, persist: true });
    first.tenant.setLicences([]);
    first.tenant.revokeConsent();
    await first.stop();
    test = await TestTenant.start({ dir, persist: true });
    expect((await test.askToken(application())).status).toBe(400);
    const skus = await test.get("/v1.0/subscribedSkus", { authorization: `Bearer ${test.tenant.adminToken()}` });
    expect(skus.json.value).toEqual([]);
  });
});
