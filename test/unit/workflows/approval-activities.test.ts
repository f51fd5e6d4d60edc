import { beforeEach, describe, expect, it, vi } from "vitest";
import { DAY_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { approvalSettingsSchema } from "../../../shared/groups/group.js";
import { emptyTables, memoryTables } from "../shared/policies/memory-tables.js";
import { pauseAt, releaseOf } from "../shared/releases/fixtures.js";
import { registered } from "./puppet.js";

vi.mock("../../../shared/store/tables.js", () => memoryTables());
const group = vi.hoisted(() => ({ approvals: {} as object }));
vi.mock("../../../shared/groups/store.js", async (original) => ({
  ...(await original<object>()),
  findGroup: async () => ({ body: { definition: { approvals: group.approvals } } }),
}));
const stored = vi.hoisted(() => ({ release: { groupId: "workforce" } as object }));
vi.mock("../../../shared/releases/store.js", () => ({ findRelease: async () => stored.release }));
const teams = vi.hoisted(() => ({ places: [] as string[], show: vi.fn() }));
vi.mock("../../../shared/teams/places.js", () => ({
  placesOf: () => teams.places,
  laterPlacesOf: ({ escalateTo }: { escalateTo: string[] }) => escalateTo,
}));
vi.mock("../../../shared/teams/approval-cards.js", () => ({ showApproval: teams.show }));

vi.mock("durable-functions", async (original) => ({ ...(await original<object>()), getClient: () => ({}) }));
vi.mock("../../../workflows/client.js", async (original) => ({ ...(await original<object>()), rouse: vi.fn() }));

const { handlers } = registered();
const { goOnWithApprovals, wakeMoot } = await import("../../../workflows/activities/approval.js");
const { rouse } = await import("../../../workflows/client.js");
const { changeApproval, readApproval } = await import("../../../shared/approvals/store.js");
const { answerApproval } = await import("../../../shared/approvals/answer.js");
const { commandsOf } = await import("../../../shared/releases/commands.js");
const { auditEntries } = await import("../../../shared/audit/audit.js");

const AT = Date.parse("2024-06-13T17:00:00Z");
const ADA = "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d61";
const question = { id: "q1", kind: "gateAdvice", releaseId: "r1", at: AT, failures: 5, offered: 50 } as const;
const ref = { approvalId: "q1" };
const settings = (given: object) => approvalSettingsSchema.parse(given);

async function run(name: string, input: object, at = AT): Promise<unknown> {
  const handler = handlers.get(name);
  if (handler === undefined) throw new Error(`There is no activity ${name}.`);
  return ((await handler({ at, input }, { error: () => undefined })) as { value?: unknown }).value;
}

async function entries() {
  const found = [];
  for await (const { body } of auditEntries("2024-06")) found.push(body);
  return found;
}

beforeEach(() => {
  emptyTables();
  stored.release = { groupId: "workforce" };
  group.approvals = settings({});
  teams.places = [];
  teams.show.mockReset();
});

describe("a question that is opened", () => {
  it("keeps the settings of its group and where it is put, whatever changes later", async () => {
    group.approvals = settings({ mode: "quorum", quorum: 2, timeOutHours: 10, timeOutAnswer: "pause" });
    teams.places = ["channel"];
    await run("openApproval", { question });
    group.approvals = settings({});
    await run("openApproval", { question });
    expect((await readApproval("q1")).body).toMatchObject({
      policy: { mode: "quorum", needed: 2, timeOut: { hours: 10, answer: "pause" } },
      dueAt: AT + 10 * 3_600_000,
      deliveries: [{ to: "channel", posted: null }],
    });
    expect((await entries()).map(({ action }) => action)).toEqual(["approval.ask"]);
  });

  it("takes the answer of its policy when the time is over", async () => {
    group.approvals = settings({ timeOutAnswer: "pause" });
    await run("openApproval", { question });
    await run("timeOutApproval", ref);
    expect((await readApproval("q1")).body).toMatchObject({ status: "timedOut", answer: "pause" });
  });
});

it("extends the pauses that end, of the rings that are still paused", async () => {
  const pause = { rings: ["Ring1", "Ring2", "Ring3"], until: AT + 3 * DAY_MS };
  const state = releaseOf("enforce", AT).state;
  const until: Record<string, number> = { Ring1: pause.until, Ring2: pause.until + 33 * DAY_MS, Last: pause.until };
  const rings = state.rings.map((ring) => ({
    ...ring,
    pauses: { service: null, tenant: ring.ring in until ? { ...pauseAt(AT), until: until[ring.ring] } : null },
  }));
  stored.release = { groupId: "workforce", state: { ...state, rings } };
  await run("openApproval", { question: { ...question, kind: "pauseEnding", pause } });
  expect((await run("observeApproval", ref)) as object).toMatchObject({ status: "pending" });
  const ada = { id: ADA, name: "Ada" };
  await answerApproval({ approvalId: "q1", actor: ada, answer: "extend", at: AT + 5 });
  await run("carryOutAnswer", ref, AT + 6);
  expect(await commandsOf("r1")).toMatchObject([
    { actor: ada, command: { kind: "extend", at: AT + 5, rings: ["Ring1"] } },
  ]);
});

it("does not ask about a pause that nobody waits for any more", async () => {
  stored.release = { groupId: "workforce", state: releaseOf("enforce", AT).state };
  await run("openApproval", { question: { ...question, kind: "pauseEnding", pause: { rings: ["Ring1"], until: AT } } });
  expect((await run("observeApproval", ref)) as object).toMatchObject({ status: "moot" });
});

it("says in the audit log that nobody needs to answer any more, once, whoever looks again", async () => {
  stored.release = { groupId: "workforce", state: { ...releaseOf("enforce", AT).state, phase: "ended" } };
  await run("openApproval", { question });
  for (const at of [AT + 5, AT + 5, AT + 9]) await run("observeApproval", ref, at);
  const ends = (await entries()).filter(({ action }) => action === "approval.moot");
  expect(ends).toMatchObject([
    { at: new Date(AT + 5).toISOString(), target: "release/r1", evidence: { approvalId: "q1", kind: "gateAdvice" } },
  ]);
});

it("goes on to others once, with a card for each who has none", async () => {
  group.approvals = settings({ escalateTo: [ADA] });
  teams.places = ["channel"];
  await run("openApproval", { question });
  await run("escalateApproval", ref, AT + 1);
  await run("escalateApproval", ref, AT + 2);
  const { escalatedAt, deliveries } = (await readApproval("q1")).body;
  expect([escalatedAt, deliveries.map(({ to }) => to)]).toEqual([AT + 1, ["channel", ADA]]);
  const escalations = (await entries()).filter(({ action }) => action === "approval.escalate");
  expect(escalations).toMatchObject([{ evidence: { to: [ADA] } }]);
});

it("says in the audit log what Teams refused, once, and which error is worth another try", async () => {
  await run("openApproval", { question });
  const failure = { code: "forbidden", message: "The bot is not installed.", reminders: 0 };
  const retry = new AppError("throttled", "Wait.", { retryAfterSeconds: 9 });
  const { body: approval } = await readApproval("q1");
  teams.show.mockResolvedValue({ approval, refused: [{ to: "channel", failure }], retry });
  expect(await run("showApproval", ref)).toMatchObject({ retry: { code: "throttled", retryAfterSeconds: 9 } });
  await run("showApproval", ref);
  const refusals = (await entries()).filter(({ action }) => action === "approval.deliver.failed");
  expect(refusals).toMatchObject([{ target: "release/r1", evidence: { to: "channel", code: "forbidden" } }]);
  expect((await readApproval("q1")).body.status).toBe("pending");
});

it("has a question go on whose orchestration has ended, and an answer carried out whose wake was lost", async () => {
  const ada = { id: ADA, name: "Ada" };
  const ids = ["open", "lost", "done", "over"];
  for (const id of ids) await run("openApproval", { question: { ...question, id } });
  for (const approvalId of ["lost", "done"]) await answerApproval({ approvalId, actor: ada, answer: "keep", at: AT });
  await run("carryOutAnswer", { approvalId: "done" });
  await changeApproval("over", (approval) => ({ ...approval, status: "moot", mootAt: AT }));
  vi.mocked(rouse).mockClear();
  const startNew = vi.fn();
  const getStatus = () => Promise.reject(new Error("404"));
  await goOnWithApprovals({ getStatus, startNew } as never);
  expect(startNew.mock.calls).toEqual([
    ["approval", { instanceId: "approval:open", input: { question: { ...question, id: "open" } } }],
  ]);
  expect(vi.mocked(rouse).mock.calls.map(([, , instance]) => instance)).toEqual(["approval:lost"]);
});

describe("when a release decides something", () => {
  const release = (over: object = {}) => ({ ...releaseOf("enforce", AT), id: "r1", approvalsAsked: 1, ...over });
  const ended = () => ({ ...release().state, phase: "ended" as const });
  const asked = { ...question, id: "r1 gatePause then", kind: "gatePause" } as const;

  async function woken(given: ReturnType<typeof release>): Promise<string[]> {
    const instances: string[] = [];
    const raiseEvent = async (instance: string) => void instances.push(instance);
    await wakeMoot({ raiseEvent } as never, given, AT);
    return instances;
  }

  beforeEach(() => run("openApproval", { question: asked }));

  it("its questions that are over with it look again", async () => {
    expect(await woken(release({ state: ended() }))).toEqual(["approval:r1_20gatePause_20then"]);
    expect(await woken(release({ pauseReason: null }))).toHaveLength(1);
  });

  it("others are left alone: open ones, those of other releases, and decided ones", async () => {
    expect(await woken(release({ pauseReason: "pausedByGate" }))).toEqual([]);
    expect(await woken(release({ id: "r", state: ended() }))).toEqual([]);
    await changeApproval(asked.id, (approval) => ({ ...approval, status: "answered" }));
    expect(await woken(release({ state: ended() }))).toEqual([]);
  });
});
