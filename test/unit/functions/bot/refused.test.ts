import { beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { activity, click } from "../../../support/teams-channel.js";
import {
  ADA,
  assign,
  channel,
  entries,
  fresh,
  NOW,
  question,
  readApproval,
  request,
  roused,
  send,
  settings,
  slack,
  tenant,
} from "./setup.js";

const data = { approvalId: question.id, rev: 1 };
const resume = (given: object = {}) => click("resume", data, { ...given });
const text = JSON.stringify;
const bearer = async (claims: object = {}) => `Bearer ${await channel.token(NOW, { ...claims })}`;
const seconds = NOW / 1000;

beforeEach(() => fresh());

async function expectUnchanged(): Promise<void> {
  expect((await readApproval(question.id)).body).toMatchObject({ status: "pending", votes: [], rev: 1 });
  expect(roused).toEqual([]);
}

describe("a request that is not from Teams is refused, noted, and changes nothing:", () => {
  it.each<[string, number, () => Promise<string | null>, string?]>([
    ["without header", 401, async () => null],
    ["with another scheme", 403, async () => "Basic YTpi"],
    ["with something that is no token", 403, async () => "Bearer xyz"],
    ["with an expired token", 403, () => bearer({ exp: seconds - 301 })],
    ["with a token for later", 403, () => bearer({ nbf: seconds + 301 })],
    ["with a token of another issuer", 403, () => bearer({ iss: "https://evil.example" })],
    ["with a token for another bot", 403, () => bearer({ aud: "other" })],
    ["with a token for another service URL", 403, () => bearer({ serviceurl: "https://evil.example/" })],
    ["with a key of another channel", 403, async () => `Bearer ${await slack.token(NOW, {}, "slack-key")}`],
    ["with an unknown key", 403, async () => `Bearer ${await channel.token(NOW, {}, "key-7")}`],
    ["with a forged signature", 403, async () => `${(await bearer()).slice(0, -8)}AAAAAAAA`],
    ["from another channel", 403, () => bearer(), text(resume({ channelId: "webchat" }))],
    ["from another tenant", 403, () => bearer(), text(resume({ channelData: { tenant: { id: ADA } } }))],
    ["from another service", 403, () => bearer(), text(resume({ serviceUrl: "https://evil.example/" }))],
    ["without tenant", 400, () => bearer(), text(resume({ channelData: undefined }))],
    ["with a body that is no JSON", 400, () => bearer(), "{"],
    ["with a body that is too large", 413, () => bearer(), text(resume({ filler: "x".repeat(256 * 1024) }))],
  ])("%s", async (_, status, authorization, body = text(resume())) => {
    const header = await authorization();
    expect((await request(header, body)).status).toBe(status);
    const written = await entries();
    expect(written).toMatchObject([{ action: "bot.refuse", target: "bot/messages", evidence: { status } }]);
    if (header !== null) expect(text(written)).not.toContain(header.slice(7, 40));
    await expectUnchanged();
  });
});

describe("a click that is not right is answered 200 with the refusal inside, noted, and changes nothing:", () => {
  const reader = async () => assign({ oid: ADA, role: "Reader" });
  const nothing = async () => undefined;
  const suspended = async () => {
    tenant.refusal = new AppError("tenant_inactive", "The tenant is Inactive.");
  };
  it.each<[string, number, RegExp, () => object, () => Promise<unknown>]>([
    ["by somebody without a role", 200, /needs the role Approver/, () => resume({ from: someone }), nothing],
    ["by a Reader", 200, /needs the role Approver/, resume, reader],
    ["outside the scope tags", 200, /scope tag/, resume, () => assign({ ...approver, scopeTagIds: ["9"] })],
    ["while the tenant is inactive", 200, /Inactive/, resume, suspended],
    ["without a person", 400, /from\.aadObjectId/, () => resume({ from: { id: "29:ada" } }), nothing],
    ["with an unknown verb", 400, /verb/, () => click("explode", data), nothing],
    ["with the name of an object's own property", 400, /verb/, () => click("constructor", data), nothing],
    ["without an approval", 400, /approvalId/, () => click("resume", { rev: 1 }), nothing],
    ["without a revision", 400, /rev/, () => click("resume", { ...data, rev: "1" }), nothing],
    ["with too long a reason", 400, /justification/, () => click("resume", { ...data, justification: long }), nothing],
    ["with an answer that is not offered", 400, /not offered/, () => click("pause", data), nothing],
    ["about another question", 200, /no approval/, () => click("resume", { ...data, approvalId: "q9" }), nothing],
    ["without a value", 400, /value/, () => resume({ value: undefined }), nothing],
  ])("%s", async (_, statusCode, says, sent, prepare) => {
    await prepare();
    const { status, jsonBody } = await send(sent());
    expect([status, jsonBody.statusCode]).toEqual([200, statusCode]);
    expect(text(jsonBody.value)).toMatch(says);
    expect(await entries()).toMatchObject([
      { action: "approval.answer.refused", evidence: { reason: expect.any(String) } },
    ]);
    await expectUnchanged();
  });

  const someone = { id: "29:x", aadObjectId: "8d2c0000-0000-4000-8000-000000000009", name: "Cid" };
  const approver = { oid: ADA, role: "Approver" } as const;
  const long = "x".repeat(1001);
});

it("clients that look again in vain are noted as such, and hide no refused answer however many they are", async () => {
  const from = { id: "29:x", aadObjectId: "8d2c0000-0000-4000-8000-000000000009", name: "Cid" };
  for (let looks = 0; looks < 70; looks++) {
    expect((await send(click("refresh", data, { from }))).jsonBody).toMatchObject({
      statusCode: 200,
      value: expect.stringMatching(/needs the role Reader/),
    });
  }
  await send(click("resume", data, { from }));
  const actions = (await entries()).map(({ action }) => action);
  expect(actions.filter((action) => action === "approval.answer.refused")).toHaveLength(1);
  expect(actions.filter((action) => action === "approval.read.refused").length).toBeGreaterThan(0);
  expect(actions.length).toBeLessThan(70);
});

it("where there is no bot, there is no endpoint", async () => {
  settings.BOT_APP_ID = undefined;
  expect((await send()).status).toBe(404);
  expect(await entries()).toEqual([]);
});

it("a fault of our own is no 500, and Teams may try again", async () => {
  const fault = new Error("a defect");
  tenant.refusal = fault;
  const { status, jsonBody } = await send(resume());
  expect([status, jsonBody.statusCode, jsonBody.value.code]).toEqual([200, 500, "internal"]);
  expect(text(jsonBody)).not.toContain(fault.message);
  await expectUnchanged();
});

it("other kinds of invokes and activities are taken in peace", async () => {
  expect(await send(activity({ type: "invoke", name: "task/fetch" }))).toMatchObject({ jsonBody: { statusCode: 400 } });
  expect(await send(activity({ type: "typing" }))).toEqual({ status: 200 });
});
