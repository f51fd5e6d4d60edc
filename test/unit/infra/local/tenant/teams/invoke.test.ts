import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CardAction } from "../../../../../../infra/local/tenant/index.js";
import { card, message, TestTeam } from "./support.js";

interface Received {
  readonly authorization: string;
  readonly activity: Record<string, unknown>;
}

let team: TestTeam;
let app: Server;
let received: Received[];
let answer: { status: number; body: string };
beforeEach(async () => {
  team = await TestTeam.start();
  received = [];
  app = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    received.push({ authorization: request.headers.authorization ?? "", activity: JSON.parse(text) });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  team.teams.endpoint = `http://127.0.0.1:${(app.address() as AddressInfo).port}/api/messages`;
});
afterEach(async () => {
  await new Promise((resolve) => app.close(resolve));
  await team.discard();
});

const CARD = "application/vnd.microsoft.card.adaptive";
const TOAST = "application/vnd.microsoft.activity.message";
function answerWith(statusCode: number, type: string, value: unknown): void {
  answer = { status: 200, body: JSON.stringify({ statusCode, type, value }) };
}
const press: CardAction = {
  verb: "approval.resume",
  title: "Resume",
  data: { approvalId: "a1", rev: 1, justification: "Known noise." },
  trigger: "manual",
};
const refresh = (...userIds: readonly string[]) => ({
  refresh: { action: { type: "Action.Execute", verb: "approval.refresh", data: { approvalId: "a1" } }, userIds },
});

describe("a person who presses a button", () => {
  it("has Teams invoke the bot with a signed token, as the one who pressed, from where the card is", async () => {
    const { id, activityId } = await team.postToChannel();
    const { oid, mri, name } = team.person("Approver");
    answerWith(200, TOAST, "Done");
    expect(await team.teams.act(oid, activityId, press)).toEqual({ kind: "toast", text: "Done" });
    const tenant = team.test.tenant.credentials.tenantId;
    expect(received).toMatchObject([
      {
        authorization: expect.stringMatching(/^Bearer ey/),
        activity: {
          type: "invoke",
          name: "adaptiveCard/action",
          channelId: "msteams",
          serviceUrl: team.teams.serviceUrl,
          from: { id: mri, aadObjectId: oid, name },
          recipient: { id: `28:${team.teams.bot.appId}` },
          replyToId: activityId,
          conversation: { id, tenantId: tenant, conversationType: "channel", isGroup: true },
          channelData: { tenant: { id: tenant }, channel: { id: team.teams.channelId } },
          value: { trigger: "manual", action: { type: "Action.Execute", verb: press.verb, data: press.data } },
        },
      },
    ]);
  });

  it("sees the card of the answer, alone, until the bot replaces the message for everybody", async () => {
    const { id, activityId } = await team.postToChannel();
    const { oid } = team.person("Approver");
    answerWith(200, CARD, card("You answered"));
    await team.teams.act(oid, activityId, press);
    const shown = () => [oid, team.person("Reader").oid].map((each) => team.teams.channel(each)[0]?.card?.body);
    expect(shown()).toMatchObject([[{ text: "You answered" }], [{ text: "Question" }]]);
    const path = `conversations/${encodeURIComponent(id)}/activities/${activityId}`;
    await team.call("PUT", path, message(card("Amira answered")));
    expect(shown()).toMatchObject([[{ text: "Amira answered" }], [{ text: "Amira answered" }]]);
  });

  it("cannot reach a card in somebody else's chat", async () => {
    const { mri } = team.person("Approver");
    const chat = await team.call("POST", "conversations", { members: [{ id: mri }], activity: message() });
    answerWith(200, TOAST, "Done");
    const result = await team.teams.act(team.person("Reader").oid, String(chat.json.activityId), press);
    expect([result.kind, received.length]).toEqual(["error", 0]);
  });

  it.each([
    ["an error of the bot", 400, "application/vnd.microsoft.error", { code: "Bad", message: "No" }, "No (400 Bad)"],
    ["a sign-in that is not offered here", 401, "application/vnd.microsoft.activity.loginRequest", {}, "Something"],
    ["a card that is none", 200, CARD, { type: "Other" }, "Something went wrong"],
  ])("learns of %s", async (_, status, type, value, text) => {
    const { activityId } = await team.postToChannel();
    answerWith(status, type, value);
    const result = await team.teams.act(team.person("Approver").oid, activityId, press);
    expect(result).toEqual({ kind: "error", text: expect.stringContaining(text) });
  });

  it("learns that the app refused, answered nonsense, or cannot be reached", async () => {
    const { activityId } = await team.postToChannel();
    const outcome = async () => {
      const result = await team.teams.act(team.person("Approver").oid, activityId, press);
      return result.kind === "error" ? result.text : result.kind;
    };
    answer = { status: 403, body: "" };
    expect(await outcome()).toMatch(/answered 403/);
    answer = { status: 200, body: "<html>" };
    expect(await outcome()).toMatch(/could not be reached or understood/);
    team.teams.endpoint = "http://127.0.0.1:1/api/messages";
    expect(await outcome()).toMatch(/could not be reached/);
  });
});

describe("a card that refreshes", () => {
  it("does so for the people it names, once for each edition, even if the bot gives no card", async () => {
    const { oid, mri } = team.person("Approver");
    const { id, activityId } = await team.postToChannel(message(card("Question", refresh(mri))));
    const asks = (who: string) => team.teams.channel(who)[0]?.refresh ?? null;
    expect(asks(team.person("Reader").oid)).toBeNull();
    expect(asks(oid)).toMatchObject({ verb: "approval.refresh" });
    answerWith(200, TOAST, "Nothing new");
    await team.teams.act(oid, activityId, { ...press, verb: "approval.refresh", trigger: "automatic" });
    expect(asks(oid)).toBeNull();
    const path = `conversations/${encodeURIComponent(id)}/activities/${activityId}`;
    await team.call("PUT", path, message(card("Question, reminded", refresh(mri))));
    expect(asks(oid)).not.toBeNull();
  });
});

it("a person who writes to the bot has Teams send the message, and sees what the bot answers there", async () => {
  const { oid } = team.person("Reader");
  answer = { status: 200, body: "" };
  expect(await team.teams.write(oid, "help")).toBeUndefined();
  const activity = received[0]?.activity ?? {};
  expect(activity).toMatchObject({ type: "message", text: "help", conversation: { conversationType: "personal" } });
  const { id } = activity.conversation as { id: string };
  await team.call("POST", `conversations/${encodeURIComponent(id)}/activities`, { type: "message", text: "Hello" });
  expect(team.teams.chat(oid).map(({ from, text }) => [from.kind, text])).toEqual([
    ["person", "help"],
    ["bot", "Hello"],
  ]);
});
