import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Delivery } from "../../../../shared/approvals/delivery.js";
import type { Approval } from "../../../../shared/approvals/store.js";
import { AppError } from "../../../../shared/errors.js";
import type { Connector, Message } from "../../../../shared/teams/connector.js";
import { emptyTables, memoryTables } from "../policies/memory-tables.js";

vi.mock("../../../../shared/store/tables.js", () => memoryTables());
const settings = vi.hoisted(() => ({
  BOT_APP_ID: "app" as string | undefined,
  BOT_APP_SECRET: "secret",
  TENANT_ID: "tenant",
  GRAPH_AUTHORITY: "https://login.example",
  TEAMS_CHANNEL_ID: "19:c" as string | undefined,
  TEAMS_APPROVERS: [] as string[],
  TEAMS_WORKFLOW_URL: undefined as string | undefined,
  CONSOLE_URL: "https://console.example/",
}));
vi.mock("../../../../shared/config.js", () => ({ config: () => settings }));
const teams = vi.hoisted(() => ({ client: undefined as unknown }));
vi.mock("../../../../shared/teams/client.js", () => ({
  teamsClient: async () => {
    if (teams.client instanceof Error) throw teams.client;
    return teams.client;
  },
}));
const flow = vi.hoisted(() => ({ post: vi.fn(async (_card: unknown) => undefined) }));
vi.mock("../../../../shared/teams/workflow-webhook.js", () => ({ postToWorkflow: flow.post }));

vi.mock("../../../../shared/releases/store.js", () => ({ findRelease: async () => ({ groupId: "workforce" }) }));
vi.mock("../../../../shared/groups/store.js", () => ({
  findGroup: async () => ({ body: { definition: { scopeTagIds: ["7"] } } }),
}));

const { showApproval } = await import("../../../../shared/teams/approval-cards.js");
const { placesOf, laterPlacesOf } = await import("../../../../shared/teams/places.js");
const { newDelivery, isShown } = await import("../../../../shared/approvals/delivery.js");
const { policyFor } = await import("../../../../shared/approvals/policy.js");
const { changeApproval, insertApproval, newApproval, readApproval } = await import(
  "../../../../shared/approvals/store.js"
);
const { writeAssignment } = await import("../../../../shared/access/assignments.js");

const AT = Date.parse("2024-06-13T17:00:00Z");
const [ADA, BEA] = [1, 2].map((n) => `0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6${n}`) as [string, string];
const MEMBERS = [
  { oid: ADA, mri: "29:ada", name: "Ada" },
  { oid: BEA, mri: "29:bea", name: "Bea" },
];
const question = { id: "q1", kind: "gatePause", releaseId: "r1", at: AT, failures: 5, offered: 50 } as const;

/** What the bot did, in order. */
let done: { readonly what: string; readonly message?: Message }[] = [];
/** Fails a call of this name with this error, once. */
let fail: { readonly what: string; readonly error: Error } | undefined;

function act(what: string, message?: Message): void {
  const failing = fail;
  if (failing !== undefined && what.startsWith(failing.what)) {
    fail = undefined;
    throw failing.error;
  }
  done.push(message === undefined ? { what } : { what, message });
}

const connector: Connector = {
  serviceUrl: "https://smba.example/",
  async postToChannel(channelId, message) {
    act(`post ${channelId}`, message);
    return { conversationId: "19:c;messageid=1", activityId: "1" };
  },
  async chatWith(mri) {
    act(`chat ${mri}`);
    return `a:${mri}`;
  },
  async send(conversationId, message) {
    act(`send ${conversationId}`, message);
    return `m${done.length}`;
  },
  async update({ conversationId, activityId }, message) {
    act(`update ${conversationId} ${activityId}`, message);
  },
  async *members(conversationId) {
    act(`members ${conversationId}`);
    yield* MEMBERS;
  },
};

const steps = () => done.map(({ what }) => what);
const delivery = async (to: string): Promise<Delivery | undefined> =>
  (await readApproval("q1")).body.deliveries.find((each) => each.to === to);

async function ask(given: Partial<Approval> = {}, ...to: string[]): Promise<void> {
  await insertApproval({ ...newApproval(question, policyFor(question), to.map(newDelivery)), ...given });
}

beforeEach(() => {
  emptyTables();
  done = [];
  fail = undefined;
  flow.post.mockClear();
  teams.client = connector;
  Object.assign(settings, {
    BOT_APP_ID: "app",
    TEAMS_CHANNEL_ID: "19:c",
    TEAMS_APPROVERS: [],
    TEAMS_WORKFLOW_URL: undefined,
  });
});

describe("a question is put", () => {
  it("nowhere, where nothing is set up", () => {
    Object.assign(settings, { BOT_APP_ID: undefined });
    expect([placesOf({ approvers: [ADA] }), laterPlacesOf({ escalateTo: [ADA] })]).toEqual([[], []]);
  });

  it("into the channel and to the approvers, those of the group before those of the settings", () => {
    settings.TEAMS_APPROVERS = [BEA];
    expect(placesOf({ approvers: [] })).toEqual(["channel", BEA]);
    expect(placesOf({ approvers: [ADA] })).toEqual(["channel", ADA]);
    expect(laterPlacesOf({ escalateTo: [BEA] })).toEqual([BEA]);
  });

  it("through a flow, where there is no bot", () => {
    Object.assign(settings, { BOT_APP_ID: undefined, TEAMS_WORKFLOW_URL: "https://flow.example/" });
    expect(placesOf({ approvers: [ADA] })).toEqual(["workflow"]);
  });
});

describe("cards", () => {
  it("are posted once, and remember where they stand", async () => {
    await ask({}, "channel", ADA);
    await showApproval("q1", AT);
    expect(steps()).toEqual(["members 19:c", "post 19:c", "chat 29:ada", "send a:29:ada"]);
    const posted = { serviceUrl: "https://smba.example/", conversationId: "19:c;messageid=1", activityId: "1", at: AT };
    expect(await delivery("channel")).toMatchObject({ posted, shows: "pending 1" });
    expect(isShown((await readApproval("q1")).body)).toBe(true);
    await showApproval("q1", AT);
    expect(steps()).toHaveLength(4);
  });

  it("call back from the clients of those who may answer", async () => {
    await writeAssignment({ oid: BEA, role: "Approver" });
    settings.TEAMS_APPROVERS = [ADA];
    await ask({}, "channel");
    await showApproval("q1", AT);
    expect(done.at(-1)?.message?.card?.refresh?.userIds).toEqual(["29:ada", "29:bea"]);
  });

  it("call nobody whose scope tags do not reach the group", async () => {
    await writeAssignment({ oid: ADA, role: "Approver", scopeTagIds: ["7", "8"] });
    await writeAssignment({ oid: BEA, role: "Approver", scopeTagIds: ["9"] });
    await ask({}, "channel");
    await showApproval("q1", AT);
    expect(done.at(-1)?.message?.card?.refresh?.userIds).toEqual(["29:ada"]);
  });

  it("are all changed when somebody has voted, and when the question has ended", async () => {
    await ask({}, "channel", ADA);
    await showApproval("q1", AT);
    done = [];
    await changeApproval("q1", (approval) => ({ ...approval, rev: 2 }));
    await showApproval("q1", AT);
    expect(steps()).toEqual(["update 19:c;messageid=1 1", "update a:29:ada m4"]);
    await changeApproval("q1", (approval) => ({ ...approval, status: "moot" }));
    await showApproval("q1", AT);
    expect(done.slice(2).map(({ message }) => message?.card?.actions?.length)).toEqual([1, 1]);
  });

  it("are not posted any more when the question has ended before", async () => {
    await ask({ status: "answered", answer: "resume" }, "channel");
    await showApproval("q1", AT);
    expect(steps()).toEqual([]);
  });

  it("go on where a run was cut off: what was posted is not posted again", async () => {
    await ask({}, "channel", ADA);
    fail = { what: "send", error: new Error("the worker was lost") };
    await expect(showApproval("q1", AT)).rejects.toThrow("lost");
    await showApproval("q1", AT);
    expect(steps()).toEqual(["members 19:c", "post 19:c", "chat 29:ada", "send a:29:ada"]);
  });
});

describe("a place that", () => {
  it("is throttled is named for another try, and the others get their card", async () => {
    await ask({}, "channel", ADA);
    fail = { what: "post", error: new AppError("throttled", "Wait.", { retryAfterSeconds: 9 }) };
    const { retry, refused } = await showApproval("q1", AT);
    expect([retry?.retryAfterSeconds, refused, steps().at(-1)]).toEqual([9, [], "send a:29:ada"]);
    expect(await delivery("channel")).toMatchObject({ posted: null, begunAt: AT, failure: null });
    expect((await showApproval("q1", AT)).retry).toBeUndefined();
    expect(steps().at(-1)).toBe("post 19:c");
  });

  it("refuses is left alone until the next reminder, and the question stays open", async () => {
    await ask({}, "channel");
    fail = { what: "post", error: new AppError("forbidden", "The bot is not installed.") };
    const { retry, refused, approval } = await showApproval("q1", AT);
    expect([retry, refused, approval.status]).toMatchObject([
      undefined,
      [{ to: "channel", failure: { code: "forbidden" } }],
      "pending",
    ]);
    await showApproval("q1", AT);
    expect(steps()).toEqual([]);
    await changeApproval("q1", (found) => ({ ...found, reminders: 1 }));
    await showApproval("q1", AT);
    expect(steps()).toEqual(["post 19:c"]);
    expect(await delivery("channel")).toMatchObject({ failure: null, reminded: 1 });
  });

  it("refused a change of its card is told of the end all the same, once", async () => {
    await ask({}, "channel");
    await showApproval("q1", AT);
    await changeApproval("q1", (found) => ({ ...found, rev: 2 }));
    fail = { what: "update", error: new AppError("unauthenticated", "The secret has expired.") };
    await showApproval("q1", AT);
    done = [];
    await changeApproval("q1", (found) => ({ ...found, rev: 3 }));
    await showApproval("q1", AT);
    expect(steps()).toEqual([]);
    await changeApproval("q1", (found) => ({ ...found, status: "moot" }));
    fail = { what: "update", error: new AppError("unauthenticated", "The secret has expired.") };
    expect((await showApproval("q1", AT)).refused).toHaveLength(1);
    await showApproval("q1", AT);
    expect([steps(), isShown((await readApproval("q1")).body)]).toEqual([[], true]);
  });

  it("has lost its card gets it again with the next reminder", async () => {
    await ask({}, "channel");
    await showApproval("q1", AT);
    await changeApproval("q1", (found) => ({ ...found, rev: 2 }));
    fail = { what: "update", error: new AppError("not_found", "The message is not there any more.") };
    expect((await showApproval("q1", AT)).refused).toMatchObject([{ failure: { code: "not_found" } }]);
    done = [];
    await changeApproval("q1", (found) => ({ ...found, reminders: 1 }));
    await showApproval("q1", AT);
    expect(steps()).toEqual(["post 19:c"]);
  });

  it("is throttled gets its reminder later, and one that may have it gets none again", async () => {
    await ask({}, "channel");
    await showApproval("q1", AT);
    done = [];
    const remind = async (reminders: number, error: AppError) => {
      await changeApproval("q1", (found) => ({ ...found, reminders }));
      fail = { what: "send", error };
      expect((await showApproval("q1", AT)).retry?.code).toBe(error.code);
      await showApproval("q1", AT);
    };
    await remind(1, new AppError("throttled", "Wait."));
    expect(steps()).toEqual(["send 19:c;messageid=1"]);
    await remind(2, new AppError("unavailable", "No answer."));
    expect(steps()).toEqual(["send 19:c;messageid=1"]);
  });

  it("a bot that is set up by half cannot reach is refused with the setting that lacks", async () => {
    teams.client = new AppError("invalid_input", "BOT_APP_SECRET is missing.", { field: "BOT_APP_SECRET" });
    await ask({}, "channel", ADA);
    const { refused, retry } = await showApproval("q1", AT);
    expect([refused.map(({ to }) => to), retry]).toEqual([["channel", ADA], undefined]);
    expect((await delivery("channel"))?.failure?.message).toContain("BOT_APP_SECRET");
  });

  it("cannot be reached while Teams is away gets its card later", async () => {
    teams.client = new AppError("unavailable", "Teams is away.");
    await ask({}, "channel");
    expect(await showApproval("q1", AT)).toMatchObject({ refused: [], retry: { code: "unavailable" } });
    teams.client = connector;
    await showApproval("q1", AT);
    expect(steps().at(-1)).toBe("post 19:c");
  });

  it("nobody knows in Teams is refused with what to do", async () => {
    const nobody = ADA.replace("0f", "1f");
    await ask({}, nobody);
    const { refused } = await showApproval("q1", AT);
    expect(refused).toMatchObject([{ to: nobody, failure: { code: "not_found" } }]);
  });
});

it("reminders call those who have not answered by name, once each", async () => {
  settings.TEAMS_APPROVERS = [ADA, BEA];
  const vote = { id: ADA, name: "Ada", answer: "keep" as const, justification: null, at: AT, rev: 2 };
  await ask({}, "channel");
  await showApproval("q1", AT);
  done = [];
  await changeApproval("q1", (approval) => ({ ...approval, reminders: 1, votes: [vote] }));
  await showApproval("q1", AT);
  await showApproval("q1", AT);
  expect(steps()).toEqual(["send 19:c;messageid=1"]);
  expect(done[0]?.message?.text).toMatch(/^<at>Bea<\/at> Reminder 1: The health gate paused a release/);
  expect(done[0]?.message?.mentions).toMatchObject([{ mri: "29:bea" }]);
});

it("a flow gets the question, each reminder and the end, with links alone", async () => {
  await ask({}, "workflow");
  await showApproval("q1", AT);
  await changeApproval("q1", (approval) => ({ ...approval, rev: 2 }));
  await showApproval("q1", AT);
  expect(flow.post).toHaveBeenCalledTimes(1);
  await changeApproval("q1", (approval) => ({ ...approval, reminders: 1 }));
  await showApproval("q1", AT);
  await changeApproval("q1", (approval) => ({ ...approval, status: "moot" }));
  await showApproval("q1", AT);
  const actions = flow.post.mock.calls.map(([card]) => (card as { actions: { type: string }[] }).actions);
  expect(actions).toEqual(Array(3).fill([expect.objectContaining({ type: "Action.OpenUrl" })]));
  expect(steps()).toEqual([]);
});
