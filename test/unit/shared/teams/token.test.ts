import { afterEach, describe, expect, it, vi } from "vitest";
import { botTokens } from "../../../../shared/teams/token.js";
import { wall } from "../../../../shared/wall.js";

const settings = { authority: "https://login.example", tenantId: "t 1", appId: "app", secret: "s3cret-value" };
afterEach(() => vi.restoreAllMocks());

describe("tokens of the bot", () => {
  it("are asked for with the connector's scope, and kept until shortly before they expire", async () => {
    let now = 0;
    vi.spyOn(wall, "now").mockImplementation(() => now);
    const asked: [string, Record<string, string>][] = [];
    const tokens = botTokens(settings, async (url, { body }) => {
      asked.push([url, Object.fromEntries(body instanceof URLSearchParams ? body : [])]);
      return Response.json({ access_token: `t${asked.length}`, expires_in: 3600 });
    });
    expect([await tokens.token(), await tokens.token()]).toEqual(["t1", "t1"]);
    now = 3_300_001;
    expect(await tokens.token()).toBe("t2");
    tokens.renew();
    expect(await tokens.token()).toBe("t3");
    expect(asked[0]).toEqual([
      "https://login.example/t%201/oauth2/v2.0/token",
      {
        grant_type: "client_credentials",
        client_id: "app",
        client_secret: "s3cret-value",
        scope: "https://api.botframework.com/.default",
      },
    ]);
  });

  it.each([
    ["a refusal", async () => Response.json({ error: "invalid_client" }, { status: 401 }), "unauthenticated"],
    ["throttling", async () => new Response("", { status: 429 }), "unavailable"],
    ["an outage", async () => new Response("", { status: 500 }), "unavailable"],
    ["a broken connection", () => Promise.reject(new TypeError("fetch failed")), "unavailable"],
    ["an answer without token", async () => Response.json({}), "unauthenticated"],
  ])("%s is an error that does not give the secret away", async (_, send, code) => {
    const error: unknown = await botTokens(settings, send)
      .token()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain(settings.secret);
  });

  it("are asked for over HTTPS only", async () => {
    const send = vi.fn();
    const tokens = botTokens({ ...settings, authority: "http://login.example" }, send);
    await expect(tokens.token()).rejects.toMatchObject({ code: "invalid_input", field: "BOT_AUTHORITY" });
    expect(send).not.toHaveBeenCalled();
  });
});
