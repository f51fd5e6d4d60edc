import { describe, expect, it } from "vitest";
import { addMembers, removeMembers } from "../../../../shared/graph/members.js";
import { errorBody, type SentRequest, script } from "./scripted.js";

const GROUP = "6f000000-0000-4000-8000-000000000001";
const device = (n: number) => `2b000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const devices = (count: number) => Array.from({ length: count }, (_, at) => device(at));
const LIST = `GET /v1.0/groups/${GROUP}/members?$select=id&$top=999`;
const BATCH = "POST /v1.0/$batch";
const members = (ids: string[]) => ({ on: LIST, body: { value: ids.map((id) => ({ id })) } });
const answers = (...statuses: number[]) => ({
  on: BATCH,
  body: {
    responses: statuses.map((status, at) => ({
      id: String(at + 1),
      status,
      body: status >= 400 ? errorBody("x") : null,
    })),
  },
});
const ok = (count: number) => answers(...Array.from({ length: count }, () => 204));

interface Step {
  method: string;
  url: string;
  body?: { "members@odata.bind"?: string[] };
}
const stepsOf = (request: SentRequest | undefined) =>
  (request?.body as { requests: Step[] } | undefined)?.requests ?? [];
const bindsOf = (step: Step | undefined) => step?.body?.["members@odata.bind"]?.length;

describe("adding members", () => {
  it("takes 48 steps in three batches for a wave of 950 devices", async () => {
    const { graph, sent, finished } = script(members([]), ok(20), ok(20), ok(8), members(devices(950)));
    await addMembers(graph, GROUP, devices(950));
    const steps = sent.filter(({ call }) => call === BATCH).map(stepsOf);
    expect(steps.map((batch) => batch.length)).toEqual([20, 20, 8]);
    expect(bindsOf(steps[0]?.[0])).toBe(20);
    expect(bindsOf(steps[2]?.[7])).toBe(10);
    finished();
  });

  it("binds by directory object through a PATCH of the group", async () => {
    const { graph, sent } = script(members([]), ok(1), members([device(1)]));
    await addMembers(graph, GROUP, [device(1).toUpperCase()]);
    expect(stepsOf(sent[1])).toEqual([
      {
        id: "1",
        method: "PATCH",
        url: `/groups/${GROUP}`,
        headers: { "Content-Type": "application/json" },
        body: { "members@odata.bind": [`https://graph.microsoft.com/v1.0/directoryObjects/${device(1)}`] },
      },
    ]);
  });

  it("sends nothing when all are members already", async () => {
    const { graph, finished } = script(members(devices(3)));
    await addMembers(graph, GROUP, devices(3));
    finished();
  });

  it("sends only the missing ones when it is repeated", async () => {
    const { graph, sent } = script(members(devices(20)), ok(1), members(devices(25)));
    await addMembers(graph, GROUP, devices(25));
    expect(bindsOf(stepsOf(sent[1])[0])).toBe(5);
  });

  it("asks for a repetition after the longest wait when steps were throttled", async () => {
    const responses = [
      { id: "1", status: 429, headers: { "Retry-After": "7" } },
      { id: "2", status: 429, headers: { "Retry-After": "12" } },
    ];
    const { graph } = script(members([]), { on: BATCH, body: { responses } });
    await expect(addMembers(graph, GROUP, devices(40))).rejects.toMatchObject({
      code: "throttled",
      retryAfterSeconds: 12,
    });
  });

  it("adds one by one where a step was refused because one of its devices is a member already", async () => {
    const { graph, sent } = script(members([]), answers(400), answers(400, 204), members(devices(2)));
    expect(await addMembers(graph, GROUP, devices(2))).toEqual({ gone: [] });
    expect(stepsOf(sent[2]).map(({ method, url }) => `${method} ${url}`)).toEqual([
      `POST /groups/${GROUP}/members/$ref`,
      `POST /groups/${GROUP}/members/$ref`,
    ]);
  });

  it("goes on without a device that the directory no longer has, and names it", async () => {
    const { graph } = script(members([]), answers(404), answers(204, 404), members([device(0)]));
    expect(await addMembers(graph, GROUP, devices(2))).toEqual({ gone: [device(1)] });
  });

  it("is not yet consistent while the directory does not show a member", async () => {
    const { graph } = script(members([]), ok(1), members([device(0)]));
    await expect(addMembers(graph, GROUP, devices(2))).rejects.toMatchObject({ code: "not_yet_consistent" });
  });

  it("refuses an id that is no GUID before it calls", async () => {
    const { graph, sent } = script();
    const field = "objectIds[1]";
    await expect(addMembers(graph, GROUP, [device(0), "x"])).rejects.toMatchObject({ code: "invalid_input", field });
    expect(sent).toHaveLength(0);
  });
});

describe("removing members", () => {
  it("deletes references, never the devices themselves", async () => {
    const { graph, sent } = script(members(devices(2)), ok(1), members([device(1)]));
    await removeMembers(graph, GROUP, [device(0)]);
    expect(stepsOf(sent[1])).toEqual([
      { id: "1", method: "DELETE", url: `/groups/${GROUP}/members/${device(0)}/$ref` },
    ]);
  });

  it("does nothing for devices that are no members", async () => {
    const { graph, finished } = script(members([]));
    await removeMembers(graph, GROUP, devices(2));
    finished();
  });

  it("takes a member that went away meanwhile as removed", async () => {
    const { graph, finished } = script(members(devices(1)), answers(404), members([]));
    await removeMembers(graph, GROUP, devices(1));
    finished();
  });
});
