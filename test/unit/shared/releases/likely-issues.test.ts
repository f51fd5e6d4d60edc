import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { type DeviceRow, Ledger } from "../../../../shared/ledger/index.js";
import { free, hold } from "../../../../shared/releases/likely-issue-devices.js";
import {
  broadOpenedAt,
  findLikelyIssues,
  followLikelyIssues,
  hasUnsettledLikelyIssues,
  ringsToSafeguard,
  withFreedLikelyIssues,
  withLikelyIssues,
} from "../../../../shared/releases/likely-issues.js";
import type { RingOffers } from "../../../../shared/releases/offers.js";
import type { Release } from "../../../../shared/releases/store.js";
import { releaseView } from "../../../../shared/releases/view.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { B, releaseOf, ring as stateOf } from "./fixtures.js";

const BROAD_DAY = stateOf("Ring3").plan.availableAt;
const SIZES = { Test: 50, Ring1: 95, Ring2: 1_000, Ring3: 4_000, Last: 50 };
type Name = keyof typeof SIZES;

/** The rings up to Ring2 have been offered the update; Ring3's day has come. */
const offers = (Object.keys(SIZES) as Name[]).map((ring): RingOffers => {
  const isOffered = ring !== "Ring3" && ring !== "Last";
  return {
    ...{ ring, plan: stateOf(ring).plan, size: SIZES[ring], waves: {} },
    ...{ notOffered: isOffered ? 0 : SIZES[ring], offered: isOffered ? SIZES[ring] : 0 },
    ...{ firstOfferAt: isOffered ? B : null, lastOfferAt: isOffered ? B : null },
  };
});
const granted: Release["grants"] = (["Test", "Ring1", "Ring2"] as const).map((ring) => ({
  ...{ ring, wave: 0, devices: SIZES[ring], last: true, at: B },
}));
const start = (): Release => ({ ...releaseOf("enforce", B), grants: granted });
const steps = (resolved: number) => [{ resolved }];

/** 1,145 finished devices and 4,000 of Ring3: those with the old driver fail in one of three cases. */
function rows(change: Partial<DeviceRow> = {}): DeviceRow[] {
  return Array.from({ length: 5_145 }, (_, n): DeviceRow => {
    const isFinished = n < 1_145;
    const old = n % 25 === 0;
    const row: DeviceRow = {
      ...{ deviceId: `d${String(n).padStart(4, "0")}`, objectId: `o${n}`, ring: isFinished ? "Ring2" : "Ring3" },
      ...{ holds: [], attempt: isFinished ? 1 : 0, log: [] },
      state: !isFinished ? "notOffered" : old && n % 75 === 0 ? "failed" : "upToDate",
      ...(isFinished
        ? { wave: 0, offeredAt: new Date(B).toISOString(), reportedAt: new Date(B + DAY_MS).toISOString() }
        : {}),
      attributes: { model: `M${n % 7}`, networkDriver: old ? "old" : `new ${n % 3}` },
    };
    return isFinished ? row : { ...row, ...change };
  });
}

describe("rings that are looked at for likely issues", () => {
  it("are those whose day has come and that have been offered nothing, from 1,000 finished devices on", () => {
    expect(ringsToSafeguard(start(), { offers, steps: steps(999) }, BROAD_DAY)).toEqual([]);
    expect(ringsToSafeguard(start(), { offers, steps: steps(1_000) }, BROAD_DAY - HOUR_MS)).toEqual([]);
    expect(ringsToSafeguard(start(), { offers, steps: steps(1_000) }, BROAD_DAY)).toEqual(["Ring3"]);
  });

  it("are none where the gate only advises, the setting is off or the release is paused, and each is looked at once", () => {
    const news = { offers, steps: steps(2_000) };
    const { gate, state } = start();
    expect(ringsToSafeguard({ ...start(), gate: { ...gate, mode: "advise" } }, news, BROAD_DAY)).toEqual([]);
    expect(ringsToSafeguard({ ...start(), gate: { ...gate, likelyIssues: false } }, news, BROAD_DAY)).toEqual([]);
    const paused = { ...state, gate: { ...state.gate, decision: "pause" as const } };
    expect(ringsToSafeguard({ ...start(), state: paused }, news, BROAD_DAY)).toEqual([]);
    const looked = { ring: "Ring3", method: "m", devices: 0, outcomes: 2_000, failures: 0 };
    const { release, decisions } = withLikelyIssues(start(), [looked], BROAD_DAY);
    expect([ringsToSafeguard(release, news, BROAD_DAY), decisions]).toEqual([[], []]);
  });
});

describe("likely issues of a ring", () => {
  it("are the devices like those that failed, and at most 5 % of the ring", () => {
    const [found] = findLikelyIssues(rows(), ["Ring3"], [], 0.003);
    const old = rows().filter(({ ring, attributes }) => ring === "Ring3" && attributes.networkDriver === "old");
    expect(found).toMatchObject({ ring: "Ring3", outcomes: 1_145, failures: 16, method: "likely-issues/1" });
    expect(new Set(found?.deviceIds)).toEqual(new Set(old.map(({ deviceId }) => deviceId)));
    expect(found?.devices).toBe(160);
    const everywhere = rows({ attributes: { model: "M1", networkDriver: "old" } });
    expect(findLikelyIssues(everywhere, ["Ring3"], [], 0.003)[0]?.devices).toBe(200);
    expect(findLikelyIssues(rows().reverse(), ["Ring3"], [], 0.003)).toEqual([found]);
  });

  it("are none of fewer than 1,000 finished devices, nor of rollbacks that people ordered", () => {
    const few = rows().slice(146);
    expect(findLikelyIssues(few, ["Ring3"], [], 0.003)).toMatchObject([{ devices: 0, outcomes: 999 }]);
    const rolledBack = rows().map((row) => (row.state === "failed" ? { ...row, state: "rolledBack" as const } : row));
    expect(findLikelyIssues(rolledBack, ["Ring3"], ["Ring2"], 0.003)).toMatchObject([{ devices: 0, failures: 0 }]);
  });

  it("are held in the ledger, take no part in a wave, and wait for the update once they are let go", async () => {
    const ledger = new Ledger(new MemoryTable(), new MemoryTable());
    const enrolled = rows().map(({ deviceId, objectId, ring, attributes }) => ({
      deviceId,
      objectId,
      ring,
      attributes,
    }));
    await ledger.enrolDevices("r", enrolled);
    const books = {
      devices: () => withOutcomes(ledger),
      holdDevices: ledger.holdDevices.bind(ledger),
      releaseDevices: ledger.releaseDevices.bind(ledger),
    };
    const input = { rings: ["Ring3"], uninstalled: [], pTol: 0.003 };
    const first = await hold(books, "r", input);
    expect(first).toEqual([{ ring: "Ring3", method: "likely-issues/1", devices: 160, outcomes: 1_145, failures: 16 }]);
    expect(await hold(books, "r", input)).toEqual(first);
    expect((await ledger.offerWave("r", "Ring3", 0, "rest", new Date(B).toISOString())).count).toBe(3_840);
    expect((await ledger.summary("r")).rings.Ring3).toMatchObject({ held: 160, offered: 3_840, notOffered: 0 });
    expect(await free(books, "r")).toEqual({ Ring3: 160 });
    expect((await ledger.summary("r")).rings.Ring3).toMatchObject({ held: 0, notOffered: 160 });
    expect(await free(books, "r")).toEqual({});
  });
});

/** The ledger's devices with the outcomes of the first rings. */
async function withOutcomes(ledger: Ledger): Promise<DeviceRow[]> {
  const outcomes = new Map(rows().map((row) => [row.deviceId, row]));
  return (await ledger.devices("r")).map((row) => {
    const { state, reportedAt } = outcomes.get(row.deviceId) ?? row;
    return reportedAt === undefined ? row : { ...row, state, reportedAt };
  });
}

describe("devices that are held as likely issues", () => {
  const looked = { ring: "Ring3", method: "likely-issues/1", devices: 160, outcomes: 1_145, failures: 16 };
  const { release: holding, decisions } = withLikelyIssues(start(), [looked], BROAD_DAY);
  const follow = (release: Release, e: number, days: number, openedAt: number | null = BROAD_DAY) =>
    followLikelyIssues(release, { logE: Math.log(e), broadOpenedAt: openedAt }, BROAD_DAY + days * DAY_MS);

  it("are told of, with what the model rests on", () => {
    expect(decisions).toMatchObject([{ by: "likelyIssues", verdict: "hold", enforced: true, evidence: looked }]);
    expect(releaseView(holding).gate.likelyIssues).toMatchObject({
      rings: [{ ring: "Ring3", devices: 160, since: new Date(BROAD_DAY).toISOString() }],
      endedAt: null,
    });
  });

  it("are let go once the evidence has stayed below 2 for seven days after Broad opened", () => {
    const quiet = follow(holding, 1, 1).release;
    expect(hasUnsettledLikelyIssues(follow(quiet, 1, 7.9).release)).toBe(false);
    const over = follow(quiet, 1, 8);
    expect(hasUnsettledLikelyIssues(over.release)).toBe(true);
    expect(over.decisions).toMatchObject([
      { verdict: "release", evidence: { devices: 160, quietSince: BROAD_DAY + DAY_MS } },
    ]);
    const disturbed = follow(follow(quiet, 2, 3).release, 1, 4).release;
    expect(hasUnsettledLikelyIssues(follow(disturbed, 1, 8).release)).toBe(false);
    expect(hasUnsettledLikelyIssues(follow(disturbed, 1, 11).release)).toBe(true);
    expect(follow(follow(holding, 1, 1, null).release, 1, 30, null).decisions).toEqual([]);
  });

  it("get a wave of their own where the ring has opened all of its", () => {
    const over = follow(follow(holding, 1, 1).release, 1, 8).release;
    const opened = [...over.grants, { ring: "Ring3", wave: 0, devices: 3_840, last: true, at: BROAD_DAY }];
    const now = BROAD_DAY + 8 * DAY_MS;
    const { release, letters } = withFreedLikelyIssues({ ...over, grants: opened }, { Ring3: 160 }, now);
    expect(hasUnsettledLikelyIssues(release)).toBe(false);
    expect(letters).toMatchObject([
      { ring: "Ring3", event: { type: "cohortReleased", groupId: null, devices: 160, wave: 1 } },
    ]);
    expect(release.grants.at(-1)).toMatchObject({ ring: "Ring3", wave: 1, devices: 160, last: true });
  });

  it("count from the opening of the largest ring", () => {
    const opened = [
      { ring: "Last", openedAt: 1 },
      { ring: "Ring3", openedAt: 7 },
    ];
    expect(broadOpenedAt(offers, opened)).toBe(7);
    expect(broadOpenedAt(offers, [])).toBeNull();
  });
});
