import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../support.js";
import { card, message, TestTeam } from "./support.js";

let team: TestTeam;
beforeEach(async () => {
  team = await TestTeam.start();
});
afterEach(() => team.discard());

const path = (id: string, rest: string) => `conversations/${encodeURIComponent(id)}/${rest}`;

describe("a bot in the channel", () => {
  it("begins a thread with its first message, answers there, and begins another", async () => {
    const thread = await team.postToChannel();
    expect(thread.id).toBe(`${team.teams.channelId};messageid=${thread.activityId}`);
    const reply = await team.call("POST", path(thread.id, "activities"), { type: "message", text: "Still open" });
    expect(reply.status).toBe(201);
    await team.call("POST", path(team.teams.channelId, "activities"), { type: "message", text: "Something else" });
    expect(team.channel().map(({ threadId, text }) => [threadId === thread.activityId, text])).toEqual([
      [true, ""],
      [true, "Still open"],
      [false, "Something else"],
    ]);
  });

  it("replaces and deletes what it said", async () => {
    const { id, activityId } = await team.postToChannel();
    const replaced = await team.call("PUT", path(id, `activities/${activityId}`), message(card("Answered")));
    expect(replaced).toMatchObject({ status: 200, json: { id: activityId } });
    expect(team.channel()).toMatchObject([{ edition: 2, card: { body: [{ text: "Answered" }] } }]);
    expect((await team.call("DELETE", path(id, `activities/${activityId}`))).status).toBe(200);
    expect(team.channel()).toMatchObject([{ isDeleted: true, card: null }]);
    const again = await team.call("PUT", path(id, `activities/${activityId}`), message());
    expect([again.status, errorOf(again).code]).toEqual([404, "ActivityNotFoundInConversation"]);
  });

  it("learns who is in it, page by page", async () => {
    const ids = async (query: string) => {
      const { json } = await team.call("GET", path(team.teams.channelId, `pagedmembers${query}`));
      return { ids: (json.members as { id: string }[]).map(({ id }) => id), next: json.continuationToken };
    };
    const mris = team.teams.people.map(({ mri }) => mri);
    expect(await ids("?pageSize=500")).toEqual({ ids: mris, next: undefined });
    const first = await ids("?pageSize=3");
    const second = await ids(`?pageSize=3&continuationToken=${first.next}`);
    expect([...first.ids, ...second.ids, second.next]).toEqual([...mris, undefined]);
  });
});

describe("a bot in a chat", () => {
  it("is in the same one whenever it begins it, by either id of the person", async () => {
    const { mri, oid } = team.person("Approver");
    const begin = (id: string) => team.call("POST", "conversations", { isGroup: false, members: [{ id }] });
    const [first, second] = [await begin(mri), await begin(oid)];
    expect([first.status, first.json.id]).toEqual([201, second.json.id]);
    await team.call("POST", path(String(first.json.id), "activities"), message());
    expect(team.teams.chat(oid)).toHaveLength(1);
    expect(team.teams.chat(team.person("Reader").oid)).toEqual([]);
    const members = await team.call("GET", path(String(first.json.id), "pagedmembers"));
    expect(members.json.members).toMatchObject([{ id: mri, aadObjectId: oid, userRole: "user" }]);
  });

  it("cannot begin one with a stranger", async () => {
    const answer = await team.call("POST", "conversations", { members: [{ id: "29:stranger" }] });
    expect([answer.status, errorOf(answer).code]).toEqual([400, "BadSyntax"]);
  });
});

describe("the connector refuses", () => {
  it("tokens that are missing, for Graph, or of another application", async () => {
    const refused = async (token: string) => {
      const answer = await team.call("POST", path(team.teams.channelId, "activities"), message(), token);
      return [answer.status, errorOf(answer).code];
    };
    const { clientId: client_id, clientSecret: client_secret } = team.test.tenant.credentials;
    const other = await team.askToken({ client_id, client_secret });
    const graph = await team.askToken({ scope: "https://graph.microsoft.com/.default" });
    expect(await refused("nonsense")).toEqual([401, "Unauthorized"]);
    expect(await refused(String(graph.json.access_token))).toEqual([401, "Unauthorized"]);
    expect(await refused(String(other.json.access_token))).toEqual([401, "BotNotRegistered"]);
    expect(team.channel()).toEqual([]);
  });

  it("conversations that do not exist, and threads that belong elsewhere", async () => {
    for (const id of ["19:other@thread.tacv2", "a:1unknown", `${team.teams.channelId};messageid=1`]) {
      const answer = await team.call("POST", path(id, "activities"), message());
      expect([answer.status, errorOf(answer).code]).toEqual([404, "ConversationNotFound"]);
    }
  });

  it("a bot that is not installed there", async () => {
    const { oid, mri } = team.person("Approver");
    team.teams.setInstalled(oid, false);
    const chat = await team.call("POST", "conversations", { members: [{ id: mri }] });
    expect([chat.status, errorOf(chat).code]).toEqual([403, "BotNotInConversationRoster"]);
    team.teams.setInstalled(team.teams.channelId, false);
    const channel = await team.call("GET", path(team.teams.channelId, "pagedmembers"));
    expect([channel.status, errorOf(channel).code]).toEqual([403, "BotNotInConversationRoster"]);
    team.teams.setInstalled(team.teams.channelId, true);
    expect((await team.call("GET", path(team.teams.channelId, "pagedmembers"))).status).toBe(200);
  });

  it("messages above 28 KB", async () => {
    const answer = await team.call("POST", path(team.teams.channelId, "activities"), message(card("x".repeat(28_700))));
    expect([answer.status, errorOf(answer).code]).toEqual([413, "MessageSizeTooBig"]);
    expect(team.channel()).toEqual([]);
  });

  it.each([
    ["no message", { type: "event" }],
    ["an empty message", { type: "message" }],
    ["something that is no card", message({ type: "Other" })],
    ["a card that refreshes for too many", message(card("x", { refresh: { userIds: Array(61).fill("29:1") } }))],
  ])("%s", async (_, activity) => {
    const answer = await team.call("POST", path(team.teams.channelId, "activities"), activity);
    expect([answer.status, errorOf(answer).code]).toEqual([400, "BadSyntax"]);
  });
});

describe("faults", () => {
  const send = async () => (await team.call("POST", path(team.teams.channelId, "activities"), message())).status;

  it("throttles when told to, with the time to wait", async () => {
    team.test.tenant.faults.set({ throttle: { rate: 1, retryAfterSeconds: 7 } });
    const answer = await team.call("POST", path(team.teams.channelId, "activities"), message());
    expect(answer).toMatchObject({ status: 429, headers: { "retry-after": "7" } });
    expect(team.channel()).toEqual([]);
  });

  it("fails after it has posted", async () => {
    team.test.tenant.faults.set({ unavailableAfterWrite: 1 });
    expect([502, 504]).toContain(await send());
    expect(team.channel()).toHaveLength(1);
  });

  it("keeps to the limits of a conversation only when they are switched on", async () => {
    const burst = () => Promise.all(Array.from({ length: 9 }, send));
    expect(await burst()).toEqual(Array(9).fill(201));
    team.test.tenant.faults.set({ teamsLimits: true });
    expect((await burst()).filter((status) => status === 429).length).toBeGreaterThan(0);
  });
});

it("what was said survives a restart, with the ids going on", async () => {
  const killed = await TestTeam.start({ persist: true });
  const { id } = await killed.postToChannel();
  const again = await TestTeam.start({ persist: true, dir: killed.test.dir });
  await killed.test.stop();
  const [before] = again.channel();
  expect(before).toMatchObject({ card: { body: [{ text: "Question" }] } });
  const reply = await again.call("POST", path(id, "activities"), { type: "message", text: "Reminder" });
  expect(Number(reply.json.id)).toBeGreaterThan(Number(before?.id));
  await again.discard();
});

it("the service URL is the same after a restart, which bots rely on", async () => {
  const first = await TestTeam.start({ persist: true });
  const { serviceUrl } = first.teams;
  await first.test.stop();
  const again = await TestTeam.start({ persist: true, dir: first.test.dir });
  expect(again.teams.serviceUrl).toBe(serviceUrl);
  await again.discard();
});

it("the people of the team are users of the tenant", async () => {
  const { oid, name, userPrincipalName } = team.person("Approver");
  const headers = { authorization: `Bearer ${team.test.tenant.adminToken()}` };
  const user = await team.test.send("GET", `/v1.0/users/${oid}`, "", headers);
  expect(user.json).toMatchObject({ displayName: name, userPrincipalName });
});
