import { beforeEach, describe, expect, it } from "vitest";
import type { ReleaseRun } from "../../../../../infra/local/in-process/release-run.js";
import { Objectives } from "../../../../../infra/local/year/objectives.js";
import { qualityUpdates } from "../../../../../infra/local/year/publications.js";
import { addDays, iso } from "../../../../../shared/calendar/days.js";
import { learnHistory } from "../../../../../shared/gate/history.js";
import { defaultGroup } from "../../../../../shared/groups/defaults.js";
import type { Known } from "../../../../../shared/incidents/ring-compliance.js";
import type { DeviceRow } from "../../../../../shared/ledger/index.js";
import { newRelease, newRings } from "../../../../../shared/releases/create.js";
import type { Update } from "../../../../../shared/updates/update.js";

const group = { id: "workforce", definition: defaultGroup("Workforce"), status: "active", bindings: {} } as const;
const stored = {
  ...group,
  bindings: Object.fromEntries(group.definition.rings.map(({ name }) => [name, { entraGroupId: name }])),
};
const [january, february] = qualityUpdates("2024-01", 2);
/** Test is offered the update at once, with no deadline, and has five days. */
const RING = "Test";
const SLO_AT = addDays(january?.at ?? 0, 5);
const LOOK = Date.parse("2024-01-15T05:40:00Z");

/** A release of which only Test has devices. */
function runOf({ at, update }: { readonly at: number; readonly update: Update }, rows: DeviceRow[]): ReleaseRun {
  const release = newRelease({
    id: update.shortName,
    group: stored,
    update,
    others: [],
    history: learnHistory([]),
    now: at,
  });
  const counts = () => {
    const upToDate = rows.filter(({ state }) => state === "upToDate").length;
    return { size: rows.length, upToDate, held: 0, notOffered: 0, failed: 0, rolledBack: 0 };
  };
  return {
    ...{ release, rings: newRings(release, stored) },
    summary: async () => ({ rings: { [RING]: counts() } }),
    ledger: { progress: async () => rows },
  } as unknown as ReleaseRun;
}

function row(number: number, state: DeviceRow["state"]): DeviceRow {
  const common = { attempt: 0, holds: [], attributes: {}, log: [] };
  return { ...common, deviceId: `device ${number}`, objectId: `object ${number}`, ring: RING, state };
}

describe("the objectives of a year", () => {
  let rows: DeviceRow[];
  let notReady: Set<string>;
  let builds: Map<string, string>;
  let objectives: Objectives;

  const known = (): Known => ({
    register: new Map(
      rows.map(({ deviceId }) => {
        const state = notReady.has(deviceId) ? "Not ready" : "Ready";
        return [deviceId, { state, managed: { osVersion: builds.get(deviceId) ?? "10.0.22631.2861" } }];
      }),
    ) as unknown as Known["register"],
  });
  const january20 = () => runOf(january as NonNullable<typeof january>, rows);
  const figure = () => objectives.figures.find(({ ring }) => ring === RING);

  beforeEach(() => {
    rows = Array.from({ length: 20 }, (_, number) => row(number, number < 18 ? "upToDate" : "open"));
    notReady = new Set();
    builds = new Map();
    objectives = new Objectives(known);
  });

  it("have a figure at the first look from the ring's day on, and only then", async () => {
    await objectives.lookAt([january20()], SLO_AT - 1);
    expect(figure()).toBeUndefined();
    await objectives.lookAt([january20()], LOOK);
    await objectives.lookAt([january20()], addDays(LOOK, 1));
    expect(objectives.figures.filter(({ ring }) => ring === RING)).toEqual([
      expect.objectContaining({
        ...{ workload: "quality", update: "2024.01 B", at: iso(SLO_AT), devices: 20, upToDate: 18, denominator: 20 },
        ...{ percent: 90, objective: 95, met: false },
      }),
    ]);
  });

  it("leave out devices that are not ready, and count builds that Intune knows", async () => {
    notReady.add("device 18");
    builds.set("device 19", "10.0.22631.3007");
    await objectives.lookAt([january20()], LOOK);
    expect(figure()).toMatchObject({ devices: 20, upToDate: 19, denominator: 19, percent: 100, met: true });
    expect(objectives.incidents).toEqual([]);
  });

  it("open an incident that ends when the objective is met", async () => {
    await objectives.lookAt([january20()], LOOK);
    expect(objectives.incidents).toMatchObject([{ ring: RING, openedAt: LOOK, closed: null }]);
    rows[18] = row(18, "upToDate");
    await objectives.lookAt([january20()], addDays(LOOK, 2));
    expect(objectives.incidents).toMatchObject([{ closed: { at: addDays(LOOK, 2), because: "met" } }]);
  });

  it("count a ring again that falls below its objective later", async () => {
    await objectives.lookAt([january20()], LOOK);
    rows[18] = row(18, "upToDate");
    await objectives.lookAt([january20()], addDays(LOOK, 1));
    rows[18] = row(18, "rolledBack");
    await objectives.lookAt([january20()], addDays(LOOK, 2));
    expect(objectives.incidents.map(({ closed }) => closed?.because)).toEqual(["met", undefined]);
    expect(figure()).toMatchObject({ upToDate: 18 });
  });

  it("are over with the next month's update", async () => {
    const run = january20();
    await objectives.lookAt([run], LOOK);
    const newer = runOf(february as NonNullable<typeof february>, []);
    await objectives.lookAt([run, newer], addDays(LOOK, 30));
    expect(objectives.incidents).toMatchObject([{ closed: { because: "superseded" } }]);
  });
});
