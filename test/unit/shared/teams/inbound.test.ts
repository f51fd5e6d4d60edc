import { createHmac } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { acceptActivity, issuerOf } from "../../../../shared/teams/inbound.js";
import { publishedKeys } from "../../../../shared/teams/signing-keys.js";
import { wall } from "../../../../shared/wall.js";
import { APP_ID, activity, ISSUER, SERVICE_URL, TENANT, TeamsChannel } from "../../../support/teams-channel.js";

const NOW = Date.parse("2026-01-05T12:00:00Z");
const METADATA = "https://login.example/v1/.well-known/openidconfiguration";
const settings = { appId: APP_ID, tenantId: TENANT, issuer: ISSUER };

let teams: TeamsChannel;
let stranger: TeamsChannel;
let slack: TeamsChannel;
let now = NOW;
/** Asked of the publisher, in order. */
let asked: string[] = [];
let published: object[] = [];

const fetchKeys = async (url: string) => {
  asked.push(url);
  return Response.json(url === METADATA ? { jwks_uri: "https://login.example/keys" } : { keys: published });
};
let keys = publishedKeys(METADATA, fetchKeys);

beforeAll(async () => {
  teams = await TeamsChannel.create();
  stranger = await TeamsChannel.create();
  slack = await TeamsChannel.create("slack-key", ["slack"]);
});

beforeEach(() => {
  now = NOW;
  asked = [];
  published = [teams.jwk, slack.jwk];
  keys = publishedKeys(METADATA, fetchKeys);
  vi.spyOn(wall, "now").mockImplementation(() => now);
});

const accept = (authorization: string | null, body: unknown = activity()) =>
  acceptActivity(authorization, typeof body === "string" ? body : JSON.stringify(body), settings, keys);
const bearer = async (claims: object = {}, channel = teams, kid?: string) =>
  `Bearer ${await channel.token(NOW, { ...claims }, kid)}`;

/** A token that anybody can make: signed with what is public, or not at all. */
function homemade(alg: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const at = NOW / 1000;
  const claims = { iss: ISSUER, aud: APP_ID, serviceurl: SERVICE_URL, nbf: at - 60, exp: at + 60 };
  const text = `${part({ alg, kid: "key-1" })}.${part(claims)}`;
  const key = Buffer.from(String(teams.jwk.n), "base64url");
  return `Bearer ${text}.${alg === "none" ? "" : createHmac("sha256", key).update(text).digest("base64url")}`;
}

describe("an activity of Teams", () => {
  it("is taken", async () => {
    const { from, conversation } = await accept(await bearer());
    expect([from?.aadObjectId, conversation?.id]).toEqual([
      "8d2c0000-0000-4000-8000-000000000001",
      "19:abc@thread.tacv2;messageid=1",
    ]);
  });

  it.each([
    ["a clock that goes five minutes ahead", 3540 + 299],
    ["a clock that goes five minutes behind", -60 - 299],
  ])("is taken by %s", async (_, seconds) => {
    const token = await bearer();
    now = NOW + seconds * 1000;
    await accept(token);
  });
});

describe("refused is", () => {
  it.each<[string, () => Promise<string | null>, number, unknown?]>([
    ["no header", async () => null, 401],
    ["another scheme", async () => "Basic YTpi", 403],
    ["something that is no token", async () => "Bearer abc", 403],
    ["a key that nobody published", () => bearer({}, stranger, "key-9"), 403],
    ["another key under a published name", () => bearer({}, stranger), 403],
    ["a token without signature", async () => homemade("none"), 403],
    ["a token signed with the public key", async () => homemade("HS256"), 403],
    ["another issuer", () => bearer({ iss: "https://sts.windows.net/x/" }), 403],
    ["another audience", () => bearer({ aud: "another-app" }), 403],
    ["an expired token", () => bearer({ exp: NOW / 1000 - 301 }), 403],
    ["a token that is not valid yet", () => bearer({ nbf: NOW / 1000 + 301 }), 403],
    ["a token without an end", () => bearer({ exp: undefined }), 403],
    ["a token for another service URL", () => bearer({ serviceurl: "https://evil.example/" }), 403],
    ["a token without a service URL", () => bearer({ serviceurl: undefined }), 403],
    ["a key that is endorsed for another channel", () => bearer({}, slack, "slack-key"), 403],
    ["another channel with its own key", () => bearer({}, slack, "slack-key"), 403, activity({ channelId: "slack" })],
    ["another channel", () => bearer(), 403, activity({ channelId: "directline" })],
    ["another tenant", () => bearer(), 403, activity({ channelData: { tenant: { id: "other" } } })],
    [
      "a conversation of another tenant",
      () => bearer(),
      403,
      activity({ conversation: { id: "c", tenantId: "other" } }),
    ],
    ["an activity without a tenant", () => bearer(), 400, activity({ channelData: {} })],
    ["a body that is no JSON", () => bearer(), 400, "{"],
  ])("%s", async (_, authorization, status, body) => {
    await expect(accept(await authorization(), body)).rejects.toMatchObject({ name: "NotAccepted", status });
  });
});

describe("keys", () => {
  it("are asked for once a day", async () => {
    await accept(await bearer());
    await accept(await bearer());
    expect(asked).toEqual([METADATA, "https://login.example/keys"]);
    now = NOW + 24 * 3_600_000;
    await accept(`Bearer ${await teams.token(now)}`);
    expect(asked).toHaveLength(4);
  });

  it("are asked for again when an unknown one comes, but not for each of a flood", async () => {
    await accept(await bearer());
    now += 31_000;
    for (let i = 0; i < 5; i++) await accept(await bearer({}, stranger, "key-9")).catch(() => undefined);
    expect(asked).toHaveLength(4);
  });

  it("that were changed are found", async () => {
    await accept(await bearer());
    published = [(await TeamsChannel.create("key-0")).jwk];
    const next = await TeamsChannel.create("key-2");
    published.push(next.jwk);
    now += 31_000;
    await accept(await bearer({}, next, "key-2"));
  });

  it("that cannot be had are no reason to refuse for good", async () => {
    keys = publishedKeys(METADATA, async () => new Response("", { status: 503 }));
    await expect(accept(await bearer())).rejects.toMatchObject({ code: "unavailable" });
  });
});

it("US Government has an issuer of its own", () => {
  expect(issuerOf("https://login.botframework.azure.us/v1/.well-known/openidconfiguration")).toBe(
    "https://api.botframework.us",
  );
  expect(issuerOf(METADATA)).toBe(ISSUER);
});
