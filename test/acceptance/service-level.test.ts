import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { addDays, DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import type { incidentView } from "../../shared/incidents/view.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import { call } from "../support/api.js";
import { GROUP } from "../support/groups.js";
import { mailsTo, messageOf } from "../support/messages.js";
import { deviceRows, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { sendSignals } from "../support/signals.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

type Incident = ReturnType<typeof incidentView>;

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");
/** Deferral 0, deadline 2: the SLO day is B + 7 days. The daily look is at 05:40. */
const SLO_DAY = addDays(B, 7);
const LOOK = (day: number) => instant("2024-06-18T05:40Z") + day * DAY_MS;

let world: World;
let release: ReleaseAnswer;
let rows: DeviceRow[];
let sequence = 1000;

/** Nothing that devices do by themselves succeeds or is reported: what they report is sent here. */
beforeAll(async () => {
  world = await startWorld({
    ...{ from: "2024-06-11T00:00Z", devices: 79, releasesOnly: true, teams: true },
    ...{ scenario: "bad-update", parameters: { rate: 1, silentShare: 1 } },
  });
  const { definition } = await world.api.get<StoredGroup>(GROUP);
  // Ring3 first, the others when the test is over.
  const days: Readonly<Record<string, number>> = { Test: 0, Ring3: 0 };
  const rings = definition.rings.map((ring) => ({
    ...{ ...ring, qualityDeferralDays: days[ring.name] ?? 9 },
    ...(ring.name === "Ring3" ? { qualityDeadlineDays: 2 } : {}),
  }));
  await world.api.send("PUT", GROUP, { definition: { ...definition, rings } });
  await runTo(world, B + DAY_MS);
  release = await releaseOf(world, UPDATE);
  rows = await deviceRows(world, release.id, "Ring3");
});
afterAll(() => world?.stop());

async function report(kind: "installed" | "rolled-back", devices: readonly DeviceRow[]): Promise<void> {
  const [revision] = release.update.revisions;
  if (revision === undefined) throw new Error("The update has no revision.");
  const { kb, build } = revision;
  sequence++;
  await sendSignals(
    world,
    devices.map(({ deviceId }) => ({ deviceId, kind, kb, build, attempt: 9, sequence })),
  );
}

const incidents = async (state = "open") =>
  (await call<{ value: Incident[] }>(world, "GET", `/incidents?state=${state}`)).body.value.filter(
    ({ ring }) => ring === "Ring3",
  );

describe("a service level objective", () => {
  it("row 57: is looked at from the SLO day of the ring on", async () => {
    expect(ringOf(release, "Ring3")).toMatchObject({ size: 60, sloAt: new Date(SLO_DAY).toISOString() });
    await report("installed", rows.slice(0, 10));
    await runTo(world, LOOK(0) + 1);
    expect(await incidents()).toEqual([]);
  });

  it("row 57: is met at 95.0 %, and no incident is raised", async () => {
    await report("installed", rows.slice(10, 57));
    expect(ringOf(await releaseOf(world, UPDATE), "Ring3")).toMatchObject({ upToDate: 57, percentUpToDate: 95 });
    await runTo(world, LOOK(1) + 1);
    expect(await incidents("all")).toEqual([]);
  });

  it("row 57: is missed at 94.9 %, and an incident is raised; devices that are excluded do not count", async () => {
    await report("rolled-back", rows.slice(0, 1));
    const excluded = rows.slice(59).map(({ deviceId }) => deviceId);
    const body = { deviceIds: excluded, justification: "In repair" };
    expect(await call(world, "POST", "/devices/exclude", body)).toMatchObject({ status: 202 });
    await runTo(world, LOOK(2) + 1);
    const [incident] = await incidents();
    expect(incident).toMatchObject({
      ...{ releaseId: release.id, ring: "Ring3", objective: 95, status: "open", closed: null },
      ...{ sloAt: new Date(SLO_DAY).toISOString(), openedAt: new Date(LOOK(2)).toISOString() },
      updates: [{ upToDate: 56, denominator: 59, percent: 94.9 }],
    });
    expect(incident?.summary).toBe(
      "56 of 59 devices (94.9 %) of Ring3 in Workforce have 2024.06 B; 95 % had to by 2024-06-18.",
    );
  });

  it("row 57: that is missed has news every day, and its incident ends when it is met", async () => {
    await runTo(world, LOOK(3) + 1);
    expect((await incidents()).map(({ updates }) => updates.length)).toEqual([2]);
    await report(
      "installed",
      rows.slice(0, 1).map((row) => ({ ...row })),
    );
    await runTo(world, LOOK(4) + 1);
    expect(await incidents()).toEqual([]);
    const [closed] = await incidents("closed");
    expect(closed).toMatchObject({ closed: { because: "met", at: new Date(LOOK(4)).toISOString() } });
    const id = encodeURIComponent(closed?.id ?? "");
    expect(await call(world, "GET", `/incidents/${id}`)).toMatchObject({ status: 200, body: { status: "closed" } });
    expect(await call(world, "GET", "/incidents/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
    const { value } = (await call<{ value: AuditEntry[] }>(world, "GET", "/audit?month=2024-06&top=1000")).body;
    const told = value.filter(({ action, evidence }) => action.startsWith("incident.") && evidence?.ring === "Ring3");
    expect(told.map(({ action }) => action)).toEqual(["incident.open", "incident.update", "incident.close"]);
  });

  it("row 57: that is missed is told to the admin contacts by mail, and row 102: with news at least every 24 hours", async () => {
    await runTo(world, LOOK(4) + HOUR_MS);
    const { value } = await world.api.get<{ value: { id: string; title: string }[] }>("/messages?kind=incident");
    const title = `Service level objective missed: ${UPDATE} in Ring3 of Workforce`;
    const found = value.find((message) => message.title === title);
    const { updates } = await messageOf(world, found?.id ?? "");
    expect(updates.map(({ event }) => event)).toEqual(["opened", "updated", "closed"]);
    const times = updates.map(({ at }) => Date.parse(at));
    times.slice(1).forEach((at, each) => {
      expect(at - (times[each] ?? 0)).toBeLessThanOrEqual(DAY_MS);
    });
    expect(mailsTo(world, "ada@contoso.example").filter((subject) => subject.startsWith(title))).toEqual(
      ["opened", "update", "closed"].map((event) => `${title}: ${event}`),
    );
  });
});
