import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import type { QueueItem } from "../../../../shared/queues/send.js";
import { CONTACT, MemoryTables, time } from "../tenant/memory.js";

const tables = new MemoryTables();
const queued: QueueItem[] = [];
const broker = { away: false };
const settings: Record<string, string | undefined> = {};
let post: () => Promise<void>;
const posted: { path: string; body: { message: { subject: string; body: { content: string } } } }[] = [];
vi.mock("../../../../shared/config.js", () => ({ config: () => settings }));
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
vi.mock("../../../../shared/queues/send.js", () => ({
  sendOnce: async () => undefined,
  enqueue: async (_queue: string, items: readonly QueueItem[]) => {
    if (broker.away) throw new AppError("unavailable", "The queue is away.");
    queued.push(...items);
  },
}));
vi.mock("../../../../shared/graph/client.js", () => ({
  tenantManagementGraph: () => ({
    post: async (path: string, body: (typeof posted)[number]["body"]) => {
      posted.push({ path, body });
      await post();
    },
  }),
}));
const { auditEntries } = await import("../../../../shared/audit/audit.js");
const { dispatchTo } = await import("../../../../shared/messages/dispatch.js");
const { dispatchesOf, dispatchStore, resendableOf, sendAgain, sendAll } = await import(
  "../../../../shared/messages/dispatches.js"
);
const { mailOf } = await import("../../../../shared/messages/mail.js");
const { dispatchRef, sendDispatch } = await import("../../../../shared/messages/send.js");
const { publish } = await import("../../../../shared/messages/store.js");
const { addContact, removeContact } = await import("../../../../shared/tenant/contacts.js");

const HEAD = { id: "m1", kind: "release" as const, title: "June & July", areas: ["Updates" as const] };
const UPDATE = { key: "k", at: time.now, event: "paused" as const, text: "Because <I> said so.\nTwice.", notify: true };
const TO = { messageId: "m1", updateKey: "k", channel: "mail" as const, contactId: "1" };

beforeEach(async () => {
  tables.clear();
  queued.length = 0;
  posted.length = 0;
  post = async () => undefined;
  Object.assign(settings, { MAIL_SENDER: "service@contoso.example", TEAMS_WORKFLOW_URL: undefined });
  await addContact("1", CONTACT);
  await publish(HEAD, UPDATE);
  await sendAll([dispatchTo(TO, time.now)]);
});

/** Handles what the queue holds; returns what came of the dispatch. */
async function handle(items = queued.splice(0)): Promise<string[]> {
  for (const { body } of items) await sendDispatch(dispatchRef.parse(body), time.now);
  return (await dispatchesOf("m1")).map(({ status }) => status);
}

const refusing = (error: AppError) => async () => {
  throw error;
};

describe("a mail", () => {
  it("is sent once, escaped, and says that it is not in the contact's language", async () => {
    expect(await handle()).toEqual(["sent"]);
    const [{ path, body } = { path: "", body: undefined }] = posted;
    expect(path).toBe("/users/service%40contoso.example/sendMail");
    expect(body?.message.subject).toBe("June & July: paused");
    expect(body?.message.body.content).toContain("<p>Because &lt;I&gt; said so.</p>\n<p>Twice.</p>");
    expect(body?.message.body.content).toContain("in English only; your language is de.");
  });

  it("of a repeated change, or of a message that comes twice, is not sent again", async () => {
    await sendAll([dispatchTo(TO, time.now)]);
    expect(await handle()).toEqual(["sent"]);
    await sendAll([dispatchTo(TO, time.now)]);
    await handle();
    expect(posted).toHaveLength(1);
  });

  it("that was never queued before a crash is queued when the change comes again", async () => {
    queued.length = 0;
    await sendAll([dispatchTo(TO, time.now)]);
    expect(await handle()).toEqual(["sent"]);
  });

  it.each([
    ["429", new AppError("throttled", "Busy.", { retryAfterSeconds: 600, details: { status: 429 } })],
    ["503", new AppError("unavailable", "Busy.", { retryAfterSeconds: 600, details: { status: 503 } })],
    ["no token", new AppError("unavailable", "No token.", { retryAfterSeconds: 600, details: { unsent: true } })],
  ])("that was surely not accepted (%s) is sent later", async (_why, error) => {
    post = refusing(error);
    expect(await handle()).toEqual(["queued"]);
    expect(queued[0]?.notBefore).toBe(time.now + 600_000);
    post = async () => undefined;
    expect(await handle()).toEqual(["sent"]);
  });

  it.each([
    ["no answer", new AppError("unavailable", "The connection broke.")],
    ["500", new AppError("unavailable", "Fault.", { details: { status: 500 } })],
  ])("that may have been sent (%s) is not sent again by itself", async (_why, error) => {
    post = refusing(error);
    const items = [...queued];
    expect(await handle()).toEqual(["uncertain"]);
    await handle(items);
    await sendAll([dispatchTo(TO, time.now)]);
    expect([posted.length, queued]).toEqual([1, []]);
  });

  it("whose sending a crash interrupted is uncertain, and is not sent again", async () => {
    const store = await dispatchStore();
    const [dispatch = dispatchTo(TO, time.now)] = await dispatchesOf("m1");
    await store.put("m1", dispatch.id, { ...dispatch, status: "sending", attempts: 1 });
    expect(await handle()).toEqual(["uncertain"]);
    expect(posted).toEqual([]);
  });

  it("that is refused for good has failed, says why, and the audit log as well", async () => {
    post = refusing(new AppError("forbidden", "Grant Mail.Send."));
    expect(await handle()).toEqual(["failed"]);
    expect(await dispatchesOf("m1")).toMatchObject([{ reason: "Grant Mail.Send.", attempts: 1 }]);
    const actions = [];
    for await (const { body } of auditEntries("2024-06")) actions.push(body.action);
    expect(actions).toEqual(["message.failed"]);
  });

  it("is given up after a dozen attempts", async () => {
    post = refusing(new AppError("throttled", "Busy.", { details: { status: 429 } }));
    for (let each = 0; queued.length > 0 && each < 50; each++) await handle();
    expect([posted.length, await handle()]).toEqual([12, ["failed"]]);
  });

  it("to a contact who is gone, or without a mailbox, is dropped", async () => {
    await addContact("2", { ...CONTACT, email: "other@contoso.example" });
    await removeContact("1");
    expect(await handle()).toEqual(["dropped"]);
    settings.MAIL_SENDER = undefined;
    await sendAll([dispatchTo({ ...TO, contactId: "2" }, time.now)]);
    expect((await handle()).sort()).toEqual(["dropped", "dropped"]);
    expect(posted).toEqual([]);
  });
});

it.each([
  ["paused", "paused"],
  ["scheduleChanged", "schedule changed"],
  ["rolledBack", "rolled back"],
  ["updated", "update"],
] as const)("a mail about %s says so in its subject: %s", (event, words) => {
  expect(mailOf({ ...HEAD, updates: [] }, { ...UPDATE, event }, CONTACT).subject).toBe(`June & July: ${words}`);
});

describe("a mail that a person sends again", () => {
  it("is sent, also when the queue was away at the first try", async () => {
    post = refusing(new AppError("forbidden", "No."));
    expect(await handle()).toEqual(["failed"]);
    post = async () => undefined;
    broker.away = true;
    await expect(sendAgain(await resendableOf("m1"), time.now)).rejects.toMatchObject({ code: "unavailable" });
    broker.away = false;
    await sendAgain(await resendableOf("m1"), time.now);
    expect(await handle()).toEqual(["sent"]);
    expect(posted).toHaveLength(2);
    expect(await resendableOf("m1")).toEqual([]);
  });
});
