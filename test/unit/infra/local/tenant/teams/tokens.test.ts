import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BotAuthority } from "../../../../../../infra/local/tenant/teams/bot.js";
import { wall } from "../../../../../../shared/wall.js";
import { TestTeam } from "./support.js";

let team: TestTeam;
beforeAll(async () => {
  team = await TestTeam.start();
});
afterAll(() => team.discard());

const claimsOf = (token: unknown) => JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString());

describe("the token endpoint", () => {
  it("gives the bot a token for the Bot Framework that opens nothing in Graph", async () => {
    const { json } = await team.askToken();
    const claims = claimsOf(json.access_token);
    expect(claims).toMatchObject({ aud: "https://api.botframework.com", appid: team.teams.bot.appId, roles: [] });
    const graph = await team.askToken({ scope: "https://graph.microsoft.com/.default" });
    const headers = { authorization: `Bearer ${graph.json.access_token}` };
    expect((await team.test.send("GET", "/v1.0/groups", "", headers)).status).toBe(403);
  });

  it("refuses the bot with a wrong secret, and its client to others", async () => {
    expect(await team.askToken({ client_secret: "wrong" })).toMatchObject({ status: 401 });
    const { clientSecret: client_secret } = team.test.tenant.credentials;
    expect(await team.askToken({ client_secret })).toMatchObject({ status: 401, json: { error: "invalid_client" } });
  });

  it("knows the bot only where there is Teams", async () => {
    const { TestTenant } = await import("../support.js");
    const plain = await TestTenant.start();
    const { appId: client_id, appSecret: client_secret } = team.teams.bot;
    expect(await plain.askToken({ client_id, client_secret })).toMatchObject({ status: 400 });
    expect((await plain.send("GET", "/botframework/.well-known/openidconfiguration", "", {})).status).toBe(404);
    expect((await plain.send("POST", "/teams/v3/conversations", "{}", {})).status).toBe(404);
    await plain.discard();
  });
});

describe("the keys of the Bot Framework", () => {
  it("are found through the metadata and endorsed for Teams", async () => {
    const metadata = await team.test.send("GET", new URL(team.teams.metadataUrl).pathname, "", {});
    expect(metadata.json.issuer).toBe("https://api.botframework.com");
    const keys = await team.test.send("GET", String(metadata.json.jwks_uri), "", {});
    expect(keys.json.keys).toMatchObject([{ kty: "RSA", use: "sig", endorsements: ["msteams"] }]);
    const authority = new BotAuthority(`${team.test.dir}/certificates/bot.key`, team.teams.bot.appId);
    const token = authority.issue(team.teams.serviceUrl);
    const set = createLocalJWKSet(keys.json as unknown as JSONWebKeySet);
    const { payload } = await jwtVerify(token, set, { currentDate: new Date(wall.now()) });
    expect(payload).toMatchObject({
      iss: "https://api.botframework.com",
      aud: team.teams.bot.appId,
      serviceurl: team.teams.serviceUrl,
    });
  });
});
