import { describe, expect, it } from "vitest";
import type { TokenSource } from "../../../../shared/graph/credential.js";
import { atMention, connector } from "../../../../shared/teams/connector.js";

interface Sent {
  readonly call: string;
  readonly token: string | null;
  readonly body: Record<string, unknown> | undefined;
}
type Reply = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | "breaks";

/** The bot before a Teams that gives these answers, in this order. */
function bot(...replies: Reply[]) {
  const sent: Sent[] = [];
  let generation = 1;
  const tokens: TokenSource = { token: async () => `t${generation}`, renew: () => void generation++ };
  const teams = connector({
    appId: "app",
    tenantId: "tenant",
    serviceUrl: "https://smba.example/emea",
    tokens,
    fetch: async (url, { method, headers, body }) => {
      const call = `${method} ${decodeURIComponent(url.replace("https://smba.example/emea/", ""))}`;
      const text = typeof body === "string" ? JSON.parse(body) : undefined;
      sent.push({ call, token: new Headers(headers).get("authorization"), body: text });
      const reply = replies.shift();
      if (reply === undefined || reply === "breaks") throw new TypeError("fetch failed");
      const content = reply.body === undefined ? null : JSON.stringify(reply.body);
      return new Response(content, { status: reply.status, headers: reply.headers ?? {} });
    },
  });
  return { teams, sent };
}

const message = { summary: "Approve?", text: "Approve?" };

describe("the bot", () => {
  it("begins a thread in a channel with its first message", async () => {
    const { teams, sent } = bot({ status: 201, body: { id: "19:c;messageid=17", activityId: "17" } });
    expect(await teams.postToChannel("19:c", message)).toEqual({
      conversationId: "19:c;messageid=17",
      activityId: "17",
    });
    expect(sent).toMatchObject([
      {
        call: "POST v3/conversations",
        token: "Bearer t1",
        body: {
          isGroup: true,
          bot: { id: "28:app" },
          tenantId: "tenant",
          channelData: { channel: { id: "19:c" }, tenant: { id: "tenant" } },
          activity: { type: "message", summary: "Approve?", text: "Approve?" },
        },
      },
    ]);
  });

  it("opens a chat, speaks in it and changes what it said", async () => {
    const { teams, sent } = bot(
      { status: 201, body: { id: "a:1" } },
      { status: 200, body: { id: "m1" } },
      { status: 200 },
    );
    const chat = await teams.chatWith("29:ada");
    const id = await teams.send(chat, message);
    await teams.update({ conversationId: chat, activityId: id }, message);
    expect(sent.map(({ call }) => call)).toEqual([
      "POST v3/conversations",
      "POST v3/conversations/a:1/activities",
      "PUT v3/conversations/a:1/activities/m1",
    ]);
    expect(sent[0]?.body).toMatchObject({ isGroup: false, members: [{ id: "29:ada" }] });
  });

  it("attaches cards, and mentions people so that Teams notifies them", async () => {
    const { teams, sent } = bot({ status: 200, body: { id: "m1" } });
    const card = { type: "AdaptiveCard", version: "1.4", body: [], fallbackText: "" } as const;
    const $schema = "http://adaptivecards.io/schemas/adaptive-card.json";
    await teams.send("c", { ...message, card: { ...card, $schema }, mentions: [{ mri: "29:a", name: "<b>A & B" }] });
    expect(sent[0]?.body).toMatchObject({
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: card }],
      entities: [{ type: "mention", text: atMention("<b>A & B"), mentioned: { id: "29:a" } }],
    });
    expect(atMention("<b>A & B")).toBe("<at>bA  B</at>");
  });

  it("reads all pages of members", async () => {
    const { teams, sent } = bot(
      { status: 200, body: { continuationToken: "n/1", members: [{ id: "29:a", aadObjectId: "AB", name: "Ada" }] } },
      { status: 200, body: { members: [{ id: "29:b", objectId: "cd" }, { id: "29:guest" }] } },
    );
    const found = [];
    for await (const member of teams.members("19:c")) found.push(member);
    expect(found).toEqual([
      { mri: "29:a", oid: "ab", name: "Ada" },
      { mri: "29:b", oid: "cd", name: "cd" },
    ]);
    expect(sent[1]?.call).toBe("GET v3/conversations/19:c/pagedmembers?pageSize=500&continuationToken=n/1");
  });

  it("asks for a fresh token once when Teams does not take the one it has", async () => {
    const { teams, sent } = bot({ status: 401 }, { status: 200, body: { id: "m1" } });
    await teams.send("c", message);
    expect(sent.map(({ token }) => token)).toEqual(["Bearer t1", "Bearer t2"]);
    await expect(bot({ status: 401 }, { status: 401 }).teams.send("c", message)).rejects.toMatchObject({
      code: "unauthenticated",
      retryable: false,
    });
  });

  it.each<[string, Reply, string, boolean]>([
    ["429", { status: 429, headers: { "retry-after": "7" } }, "throttled", true],
    ["412", { status: 412 }, "unavailable", true],
    ["502", { status: 502 }, "unavailable", true],
    ["504", { status: 504 }, "unavailable", true],
    ["a broken connection", "breaks", "unavailable", true],
    ["an answer without id", { status: 200, body: {} }, "unavailable", true],
    ["400", { status: 400 }, "invalid_input", false],
    ["403", { status: 403, body: { error: { code: "ForbiddenOperationException" } } }, "forbidden", false],
    ["404", { status: 404, body: { error: { code: "ConversationNotFound" } } }, "not_found", false],
    ["413", { status: 413 }, "invalid_input", false],
  ])("says of %s whether another try makes sense", async (_, reply, code, retryable) => {
    await expect(bot(reply).teams.send("c", message)).rejects.toMatchObject({ code, retryable });
  });

  it("waits as long as Teams asks for, and says plainly when it is not installed", async () => {
    const throttled = bot({ status: 429, headers: { "retry-after": "7" } }).teams.send("c", message);
    await expect(throttled).rejects.toMatchObject({ retryAfterSeconds: 7 });
    const missing = bot({ status: 403, body: { error: { code: "BotNotInConversationRoster" } } }).teams;
    await expect(missing.send("c", message)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("Install it in the team"),
    });
  });
});
