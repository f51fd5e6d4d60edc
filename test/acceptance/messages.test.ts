import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import { call } from "../support/api.js";
import { type MessageAnswer, mailsTo, messageOf } from "../support/messages.js";
import { isSigned, Receiver } from "../support/receiver.js";
import { releaseOf } from "../support/releases.js";
import { GRACE } from "../support/tenant.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const ID = "release-2024.06-B";
const TITLE = "June 2024 (2024.06 B) Windows quality update deployment";
const B = instant("2024-06-11T17:00Z");
/** The contact that the local seed enters, for both areas and with the checkbox. */
const ADA = "ada@contoso.example";
const QUIET = "quiet@contoso.example";

let world: World;
let receiver: Receiver;
let secret: string;

beforeAll(async () => {
  receiver = await Receiver.listen();
  world = await startWorld({ from: "2024-06-01T00:00Z", devices: 20, releasesOnly: true, teams: true });
  await world.settle();
  const quiet = { ...GRACE, name: "Quiet", email: QUIET, areas: ["Updates"], releaseMail: false };
  expect((await call(world, "POST", "/tenant/contacts", quiet)).status).toBe(201);
  const hook = { url: receiver.url, events: ["release.*", "ring.opened"] };
  const added = await call<{ secret: string }>(world, "POST", "/webhooks", hook);
  expect(added.status).toBe(201);
  secret = added.body.secret;
});
afterAll(async () => {
  await world?.stop();
  await receiver?.close();
});

/** When each update of the message happened, by its event. */
const times = ({ updates }: MessageAnswer) =>
  Object.fromEntries(updates.map(({ event, at }) => [event, Date.parse(at)]));

describe("the message about a month's update", () => {
  it("row 102: is there, with the dates of every ring, 7 days before the second Tuesday", async () => {
    await runTo(world, B - 7 * DAY_MS);
    const message = await messageOf(world, ID);
    expect(message).toMatchObject({ kind: "release", title: TITLE });
    expect(times(message).planned).toBeLessThanOrEqual(B - 7 * DAY_MS);
    expect(message.updates[0]?.text).toContain("Workforce: Test 2024-06-11 (by 2024-06-11), Ring1 2024-06-12");
    expect(mailsTo(world, ADA)).toEqual([`${TITLE}: planned`]);
  });

  it("row 102: says on the second Tuesday that the deployment has begun", async () => {
    await runTo(world, B + HOUR_MS);
    const { started = 0 } = times(await messageOf(world, ID));
    expect(new Date(started).toISOString().slice(0, 10)).toBe("2024-06-11");
    expect(mailsTo(world, ADA)).toEqual([`${TITLE}: planned`, `${TITLE}: started`]);
  });

  it("row 102: says soon that somebody paused it and why, and that it was resumed", async () => {
    const { id } = await releaseOf(world, UPDATE);
    const pause = { rings: ["Ring3"], justification: "Quarter's end <b>here</b>" };
    expect((await call(world, "POST", `/releases/${id}/pause`, pause)).status).toBe(202);
    await runTo(world, world.now() + HOUR_MS);
    expect((await call(world, "POST", `/releases/${id}/resume`, { rings: ["Ring3"] })).status).toBe(202);
    await runTo(world, world.now() + HOUR_MS);
    const told = (await messageOf(world, ID)).updates.slice(-2).map(({ event, text }) => [event, text]);
    expect(told.map(([event]) => event)).toEqual(["paused", "resumed"]);
    expect(told[0]?.[1]).toMatch(/paused 2024\.06 B in Ring3 of Workforce.* Justification: Quarter's end/);
    expect(mailsTo(world, ADA).slice(2)).toEqual([`${TITLE}: paused`, `${TITLE}: resumed`]);
    const [mail] = world.tenant.mails.filter(({ subject }) => subject.endsWith("paused"));
    expect(mail?.content).toContain("Quarter&#39;s end &lt;b&gt;here&lt;/b&gt;");
  });

  it("row 102: sums up on the fourth Tuesday how many devices are patched", async () => {
    await runTo(world, "2024-06-24T23:00Z");
    expect(times(await messageOf(world, ID)).summary).toBeUndefined();
    await runTo(world, "2024-06-25T20:00Z");
    const message = await messageOf(world, ID);
    const { rings } = await releaseOf(world, UPDATE);
    const [upToDate, size] = [rings.map((ring) => ring.upToDate), rings.map((ring) => ring.size)].map((counts) =>
      counts.reduce((sum, count) => sum + count, 0),
    );
    const summary = message.updates.find(({ event }) => event === "summary");
    expect(summary?.at.slice(0, 10)).toBe("2024-06-25");
    expect(summary?.text).toContain(`(${upToDate} of ${size}) have 2024.06 B.`);
    expect(mailsTo(world, ADA).at(-1)).toBe(`${TITLE}: summary`);
  });

  it("row 102: each mail and each notice in Teams was sent once, and the message says so", async () => {
    const { updates, dispatches } = await messageOf(world, ID);
    const told = updates.filter(({ notify }) => notify).length;
    expect(dispatches.map(({ channel, status }) => `${channel} ${status}`).sort()).toEqual([
      ...Array(told).fill("mail sent"),
      ...Array(told).fill("teams sent"),
    ]);
    expect(new Set(mailsTo(world, ADA)).size).toBe(mailsTo(world, ADA).length);
  });

  it("row 43: a contact without the checkbox got no mail about the release", () => {
    expect(mailsTo(world, ADA).filter((subject) => subject.startsWith(TITLE)).length).toBeGreaterThan(4);
    expect(mailsTo(world, QUIET).filter((subject) => subject.startsWith(TITLE))).toEqual([]);
  });
});

describe("what Microsoft says of an update", () => {
  it("stands with its release: message center post and known issue by their KB article", async () => {
    const { id, update } = await releaseOf(world, UPDATE);
    const { value } = await world.api.get<{ value: { source: string; matched: string }[] }>(
      `/releases/${id}/announcements`,
    );
    expect(new Set(value.map(({ source }) => source))).toEqual(new Set(["messageCenter", "releaseHealth"]));
    const articles = update.revisions.map(({ kb }) => kb);
    for (const { matched } of value) expect(articles).toContain(matched);
  });
});

describe("an outgoing webhook", () => {
  it("has got every state change of the release once, in order and signed", async () => {
    const types = receiver.types();
    const order = ["planned", "started", "paused", "resumed", "summary"].map((name) => `ringmaster.release.${name}`);
    expect(types.filter((type) => order.includes(type))).toEqual(order);
    expect(types.filter((type) => type === "ringmaster.ring.opened")).toHaveLength(5);
    expect(types.some((type) => type.startsWith("ringmaster.incident."))).toBe(false);
    for (const each of receiver.received) expect(isSigned(each, secret)).toBe(true);
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("whose receiver is away gets what it missed when it is back, and shows it meanwhile", async () => {
    const { value } = await world.api.get<{ value: { id: string }[] }>("/webhooks");
    const path = `/webhooks/${value[0]?.id}`;
    receiver.status = 503;
    const before = receiver.received.length;
    expect((await call(world, "POST", `${path}/test`)).status).toBe(202);
    await runTo(world, world.now() + 60_000);
    const states = async () =>
      (await world.api.get<{ value: { type: string; state: string }[] }>(`${path}/deliveries`)).value
        .filter(({ type }) => type === "ringmaster.webhook.test")
        .map(({ state }) => state);
    expect(await states()).toEqual(["pending"]);
    receiver.status = 200;
    await runTo(world, world.now() + HOUR_MS);
    expect(await states()).toEqual(["delivered"]);
    expect(new Set(receiver.received.slice(before).map(({ body }) => body)).size).toBe(1);
  });

  it("can be replayed, changed and deleted, and its secrets are told once", async () => {
    const { value } = await world.api.get<{ value: { id: string }[] }>("/webhooks");
    const path = `/webhooks/${value[0]?.id}`;
    const rotated = await call<{ secret: string }>(world, "POST", `${path}/rotate-secret`);
    const { value: deliveries } = await world.api.get<{ value: { id: string }[] }>(
      `${path}/deliveries?state=delivered`,
    );
    const before = receiver.received.length;
    expect((await call(world, "POST", `${path}/deliveries/${deliveries[0]?.id}/replay`)).status).toBe(202);
    await runTo(world, world.now() + 60_000);
    const [again, ...more] = receiver.received.slice(before);
    expect([again?.body, more]).toEqual([receiver.received[0]?.body, []]);
    for (const each of [secret, rotated.body.secret]) {
      expect(again !== undefined && isSigned(again, each)).toBe(true);
    }
    const told = JSON.stringify([
      await world.api.get("/webhooks"),
      await world.api.get("/audit?month=2024-06"),
      await world.api.get(`${path}/deliveries`),
    ]);
    for (const each of [secret, rotated.body.secret]) expect(told).not.toContain(each.slice(6));
    const inward = { url: "https://10.0.0.1/", events: ["*"] };
    expect((await call(world, "PUT", path, inward)).status).toBe(422);
    expect((await call(world, "POST", "/webhooks", { ...inward, url: "http://contoso.example/" })).status).toBe(422);
    expect((await call(world, "PUT", path, { url: receiver.url, events: ["*"], enabled: false })).status).toBe(200);
    expect((await call(world, "DELETE", path)).status).toBe(204);
    expect((await call(world, "GET", `${path}/deliveries`)).status).toBe(404);
  });
});
