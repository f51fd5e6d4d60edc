import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { approvalView } from "../../shared/approvals/view.js";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import type { AdaptiveCard } from "../../shared/cards/elements.js";
import { cardProblems, textsOf, verbsOf } from "../support/cards.js";
import { deviceRows, type ReleaseAnswer, releaseOf } from "../support/releases.js";
import { sendSignals } from "../support/signals.js";
import { click } from "../support/teams-channel.js";
import { TeamsServer } from "../support/teams-server.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const person = (n: number, name: string) => ({
  id: `29:${name}`,
  aadObjectId: `8d2c0000-0000-4000-8000-00000000000${n}`,
  name,
});
const [ada, bea, cid] = [person(1, "Ada"), person(2, "Bea"), person(3, "Cid")];
type ApprovalAnswer = ReturnType<typeof approvalView>;

let teams: TeamsServer;
let world: World;
let release: ReleaseAnswer;

beforeAll(async () => {
  teams = await TeamsServer.start([ada, bea, cid]);
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    devices: 40,
    parameters: { offlineShare: 0 },
    appSettings: teams.settings,
  });
  await assign(ada.aadObjectId, "Approver");
  await assign(cid.aadObjectId, "Reader");
  await runTo(world, addDays(B, 1));
  release = await releaseOf(world, "2024.06 B");
  const rule = { signal: "rollback", threshold: 1, action: "pauseDeployment" };
  await world.api.send("POST", `/releases/${release.id}/monitoring-rule`, rule);
  await world.settle();
  teams.throttled = 1;
  await rollsBack();
});
afterAll(async () => {
  await world?.stop();
  teams?.stop();
});

const assign = (oid: string, role: string) => world.api.send("PUT", `/roles/assignments/${oid}`, { role });

/** Has a device report that the update was rolled back, which breaks the rule. */
async function rollsBack(): Promise<void> {
  const [device] = await deviceRows(world, release.id, "Test");
  const known = world.fleet.devices().find(({ deviceId }) => deviceId === device?.deviceId);
  const revision = release.update.revisions.find(({ build }) =>
    build.startsWith(known?.record.osVersion.slice(0, 10) ?? "-"),
  );
  if (device === undefined || revision === undefined) throw new Error("There is no offered device.");
  const { kb, build } = revision;
  const { deviceId } = device;
  await sendSignals(world, [
    { deviceId, kind: "rolled-back", kb, build, attempt: Math.max(1, device.attempt), sequence: 1000 },
  ]);
}

async function approvals(): Promise<ApprovalAnswer[]> {
  return (await world.api.get<{ value: ApprovalAnswer[] }>("/approvals")).value;
}

async function approval(index: number): Promise<ApprovalAnswer> {
  const { id } = (await approvals())[index] ?? { id: "" };
  return world.api.get<ApprovalAnswer>(`/approvals/${encodeURIComponent(id)}`);
}

/** A person presses a button of a card; what Teams gets for it. */
async function press(from: typeof ada, verb: string, card: AdaptiveCard | undefined) {
  const data = card?.actions?.find((action) => action.type === "Action.Execute")?.data;
  const tenantId = world.tenant.credentials.tenantId;
  const { serviceUrl } = teams;
  const sent = click(
    verb,
    { ...data },
    {
      from,
      serviceUrl,
      conversation: { id: "19:updates@thread.tacv2;messageid=1", tenantId },
      channelData: { tenant: { id: tenantId } },
    },
  );
  const token = await teams.channel.token(Date.now(), { serviceurl: serviceUrl });
  const response = await fetch(`${world.host.url}/api/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(sent),
  });
  await world.settle();
  expect(response.status).toBe(200);
  return (await response.json()) as { statusCode: number; type: string; value: AdaptiveCard & string };
}

describe("An approval in Teams", () => {
  let first: AdaptiveCard | undefined;

  it("is posted to the channel, once Teams stops throttling", async () => {
    expect((await releaseOf(world, "2024.06 B")).status).toBe("Paused by Service");
    await runTo(world, world.now() + 60_000);
    expect(teams.messages).toHaveLength(1);
    first = teams.messages[0]?.card;
    expect(cardProblems(first)).toEqual([]);
    expect(verbsOf(first ?? {})).toContain("approval.resume");
    expect(first?.refresh?.userIds).toEqual(["29:Ada"]);
    expect(await approval(0)).toMatchObject({ status: "pending", deliveries: [{ to: "channel", status: "posted" }] });
  });

  it("is not decided by a Reader, who is told so", async () => {
    const { type, value } = await press(cid, "resume", first);
    expect(type).toBe("application/vnd.microsoft.activity.message");
    expect(value).toContain("needs the role Approver");
    expect(await approval(0)).toMatchObject({ status: "pending", votes: [] });
  });

  it("is decided by a click: the release goes on, and the card shows it to everybody", async () => {
    const definition = await world.api.get<{ definition: object }>("/groups/workforce");
    const settings = { timeOutHours: 72, escalateAfterHours: 24, escalateTo: [bea.aadObjectId] };
    await world.api.send("PUT", "/groups/workforce", { definition: { ...definition.definition, approvals: settings } });
    const { value } = await press(ada, "resume", first);
    expect(textsOf(value).join(" ")).toContain("**Resume**, said Ada");
    const answered = { status: "answered", answer: "resume", answeredBy: "Ada", policy: { escalateAt: null } };
    expect(await approval(0)).toMatchObject(answered);
    expect(teams.messages[0]?.changes).toBe(1);
    expect(verbsOf(teams.messages[0]?.card ?? {})).toEqual([]);
    const { value: log } = await world.api.get<{ value: { action: string }[] }>("/audit?month=2024-06");
    expect(log.map(({ action }) => action)).toEqual(expect.arrayContaining(["approval.answer", "release.resume"]));
  });

  it("once decided shows a second click who decided", async () => {
    const { value } = await press(ada, "cancel", first);
    expect(textsOf(value).join(" ")).toContain("**Resume**, said Ada");
    expect((await releaseOf(world, "2024.06 B")).outcome).not.toBe("cancelled");
  });

  it("that nobody decides goes on to others, is called to mind, and times out", async () => {
    // The rule is still broken, so that the release is paused again, with a question of its own.
    const asked = Date.parse((await approval(1)).askedAt);
    expect(teams.messages).toHaveLength(2);
    await runTo(world, asked + 24 * HOUR_MS);
    expect(teams.messages.map(({ conversationId }) => conversationId).slice(2)).toEqual(["a:29:Bea"]);
    await runTo(world, asked + 48 * HOUR_MS);
    expect(teams.messages.slice(3).map(({ text }) => text)).toEqual([
      expect.stringContaining("<at>Ada</at>"),
      expect.stringContaining("<at>Bea</at>"),
    ]);
    await runTo(world, asked + 72 * HOUR_MS);
    expect(await approval(1)).toMatchObject({ status: "timedOut", answer: "keep", reminders: 1 });
    for (const { card } of [teams.messages[1], teams.messages[2]].flatMap((message) => message ?? [])) {
      expect(textsOf(card ?? { body: [] })).toContain("State: Timed out");
    }
    expect((await releaseOf(world, "2024.06 B")).status).toBe("Paused by Service");
  });

  it("about a release that people end is over at once, and its card says so", async () => {
    const rule = { signal: "rollback", threshold: 1, action: "pauseDeployment" };
    const path = `/releases/${release.id}/monitoring-rule`;
    await world.api.send("DELETE", path);
    await world.settle();
    await world.api.send("POST", path, rule);
    await world.settle();
    const open = teams.messages.at(-1)?.card;
    expect(verbsOf(open ?? {})).toContain("approval.resume");
    await world.api.send("POST", `/releases/${release.id}/cancel`, { justification: "It breaks printing." });
    await world.settle();
    expect((await approvals()).map(({ status }) => status)).toEqual(["answered", "timedOut", "moot"]);
    expect(textsOf(teams.messages.at(-1)?.card ?? { body: [] })).toContain("State: No longer needed");
    expect(textsOf((await press(ada, "resume", open)).value)).toContain("State: No longer needed");
  });
});
