import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { HOUR_MS } from "../../shared/calendar/days.js";
import { computeCohortEvidence } from "../../shared/cohorts/evidence.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import type { Decision } from "../../shared/releases/decisions.js";
import type { holdView } from "../../shared/releases/hold-view.js";
import { call } from "../support/api.js";
import { GraphReader } from "../support/graph.js";
import { GROUP } from "../support/groups.js";
import { deviceRows, offeredTo, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
/** Four days after publication, the day of Ring3: by then devices of the first rings have failed. */
const RING3 = instant("2024-06-15T17:00Z");
const PAUSES_AT_TEN_THOUSAND = { harmBound: 600, alpha: 0.0001 };

describe("An update that fails on one model", () => {
  let world: World;
  let releaseId: string;
  beforeAll(async () => {
    world = await startWorld({
      from: "2024-06-11T00:00Z",
      devices: 600,
      gate: "enforce",
      scenario: "bad-driver",
      parameters: { rate: 1, silentShare: 0, cohort: { attribute: "model", minShare: 0.05, maxShare: 0.08 } },
      releasesOnly: true,
    });
    const { definition } = await world.api.get<StoredGroup>(GROUP);
    const deferrals: Readonly<Record<string, number>> = { Ring1: 0, Ring2: 0, Ring3: 4, Last: 5 };
    const rings = definition.rings.map((ring) => ({ ...ring, qualityDeferralDays: deferrals[ring.name] ?? 0 }));
    const gate = { ...definition.gate, ...PAUSES_AT_TEN_THOUSAND };
    await world.api.send("PUT", GROUP, { definition: { ...definition, rings, gate } });
    await runTo(world, RING3 - HOUR_MS);
    releaseId = (await current()).id;
  });
  afterAll(() => world?.stop());

  const current = () => releaseOf(world, UPDATE);
  const holds = async () =>
    (await world.api.get<{ value: ReturnType<typeof holdView>[] }>(`/releases/${releaseId}/holds`)).value;
  async function hold() {
    const [one, ...others] = await holds();
    if (one === undefined || others.length > 0) throw new Error(`${others.length + 1} holds`);
    return one;
  }
  /** Devices of the bad model, and all others, of one ring or of all. */
  async function devices(ring?: string) {
    const rows = await deviceRows(world, releaseId, ring);
    const isBad = ({ attributes }: DeviceRow) => attributes.model?.endsWith(world.fleet.cohort?.value ?? "") === true;
    return { bad: rows.filter(isBad), good: rows.filter((row) => !isBad(row)) };
  }
  const idsOf = (rows: readonly DeviceRow[]) => rows.map(({ deviceId }) => deviceId);
  async function offered(rows: readonly DeviceRow[]) {
    return offeredTo(world, await current(), idsOf(rows));
  }
  /** Time for what a command entails: rings look, and a new directory group replicates. */
  const aMoment = () => runTo(world, world.now() + HOUR_MS);

  it("is held for exactly that model, on evidence that can be computed again, and paused for nobody", async () => {
    const { bad } = await devices();
    expect(await hold()).toMatchObject({ status: "inForce", devices: bad.length, exempt: [] });
    const kept = await world.api.all<DeviceRow>(`/releases/${releaseId}/holds/${(await hold()).id}/devices`);
    expect(idsOf(kept).sort()).toEqual(idsOf(bad).sort());
    const value = await world.api.all<Decision>(`/releases/${releaseId}/decisions`);
    const found = value.flatMap(({ by, verdict, evidence }) =>
      by === "cohorts" && "share" in evidence ? [{ verdict, evidence }] : [],
    );
    expect(found.map(({ verdict }) => verdict)).toEqual(["hold"]);
    expect(found.map(({ evidence }) => computeCohortEvidence(evidence.input))).toEqual(
      found.map(({ evidence }) => evidence),
    );
    expect(value.map(({ verdict }) => verdict)).not.toContain("pause");
    const audit = await world.api.get<{ value: AuditEntry[] }>("/audit?month=2024-06&top=1000");
    expect(audit.value.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["release.cohorts.hold", "release.hold.group"]),
    );
  });

  it("is judged by the others alone, and goes on for them", async () => {
    const release = await current();
    const held = { id: (await hold()).id, cohort: (await hold()).cohort };
    expect(release.gate).toMatchObject({ verdict: "continue", evidence: { failures: 0 }, holds: [held] });
    const { bad } = await devices();
    expect(bad.filter(({ state }) => state === "failed").length).toBeGreaterThan(2);
  });

  it("is taken back from devices of the model that had been offered it and have not installed", async () => {
    const { bad } = await devices("Ring2");
    const open = bad.filter(({ state }) => state === "held");
    expect(open.filter(({ wave }) => wave === 0).length).toBeGreaterThan(0);
    expect(await offered(open)).toEqual([]);
  });

  it("reaches a ring that opens later but for the model, in ledger and Graph alike", async () => {
    await runTo(world, RING3 + HOUR_MS);
    const { bad, good } = await devices("Ring3");
    expect(ringOf(await current(), "Ring3")).toMatchObject({ held: bad.length, offered: good.length, notOffered: 0 });
    expect([await offered(bad), await offered(good)]).toEqual([[], idsOf(good)]);
  });

  it("reaches a device that somebody exempts, until that is taken back", async () => {
    const { bad, good } = await devices("Ring3");
    const [chosen] = idsOf(bad);
    const path = `/releases/${releaseId}/holds/${(await hold()).id}/exempt`;
    const stranger = { deviceIds: [chosen, idsOf(good)[0]], justification: "Needs it." };
    expect(await call(world, "POST", path, stranger)).toMatchObject({
      status: 422,
      body: { field: "deviceIds.1", rule: "deviceInHold" },
    });
    expect(await call(world, "POST", path, { deviceIds: [], justification: "x" })).toMatchObject({
      status: 400,
      body: { field: "deviceIds" },
    });
    expect(await call(world, "POST", path, { deviceIds: [chosen], justification: "Needs it." })).toMatchObject({
      status: 202,
    });
    await aMoment();
    expect(await offered(bad)).toEqual([chosen]);
    expect(
      (await devices("Ring3")).bad.filter(({ state }) => state === "open").map(({ deviceId }) => deviceId),
    ).toEqual([chosen]);
    expect((await current()).gate.evidence?.failures).toBe(0);
    expect(await call(world, "DELETE", `${path}/${chosen}`)).toMatchObject({ status: 202 });
    await aMoment();
    expect(await offered(bad)).toEqual([]);
    expect(await hold()).toMatchObject({ exempt: [], devices: (await devices()).bad.length });
  });

  it("reaches the model once a person releases the hold, and what it had shown pauses nobody", async () => {
    const { id } = await hold();
    const path = `/releases/${releaseId}/holds/${id}/release`;
    expect(await call(world, "POST", path, {})).toMatchObject({ status: 400, body: { field: "justification" } });
    expect(await call(world, "POST", path, { justification: "The vendor fixed it." })).toMatchObject({ status: 202 });
    await aMoment();
    const { bad } = await devices("Ring3");
    expect(await offered(bad)).toEqual(idsOf(bad));
    expect(ringOf(await current(), "Ring3")).toMatchObject({ held: 0, notOffered: 0, waves: { opened: 3 } });
    expect(await current()).toMatchObject({ status: "Active", gate: { verdict: "continue", pausedAt: null } });
    expect(await hold()).toMatchObject({ status: "released", ended: { justification: "The vendor fixed it." } });
    expect(await call(world, "POST", path, { justification: "Again." })).toMatchObject({ status: 409 });
  });

  it("leaves no hold group behind when it ends", async () => {
    await world.api.send("POST", `/releases/${releaseId}/cancel`, { justification: "Enough." });
    await aMoment();
    expect(await current()).toMatchObject({ outcome: "cancelled", problem: null });
    const groups = await new GraphReader(world).list<{ displayName: string }>("v1.0/groups");
    expect(groups.filter(({ displayName }) => displayName.includes(" hold "))).toEqual([]);
  });
});
