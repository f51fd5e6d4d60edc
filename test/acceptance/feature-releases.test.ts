import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseNcrontab } from "../../infra/local/host/triggers/ncrontab.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { featureWorkshop } from "../support/feature-releases.js";
import { deviceId, managed, record } from "../unit/shared/registration/records.js";

const api = apiInMemory();
const workshop = await featureWorkshop(api);
const { call } = api;
const releaseStore = await import("../../shared/releases/store.js");
const { commandsOf } = await import("../../shared/releases/commands.js");
const { targetOf } = await import("../../shared/releases/target.js");
const { feature } = await import("../../shared/feature-releases/workload.js");
const { readGroup } = await import("../../shared/groups/store.js");
const featureStore = await import("../../shared/feature-releases/store.js");

const VERSION = "Windows 11, version 23H2";
let sales: StoredGroup;

beforeEach(async () => {
  reset(api);
  await workshop.open();
  sales = await workshop.addGroup("sales");
});
afterEach(() => workshop.close());

interface Phase {
  readonly number: number;
  readonly rings: readonly { readonly groupId: string; readonly ring: string }[];
  readonly firstDate: string;
  readonly gradualGroups: number;
  readonly goalDate: string;
  readonly status: string;
  readonly newerDevices: number;
  readonly offers: readonly { readonly date: string; readonly devices: number }[];
}
interface Release {
  readonly id: string;
  readonly status: string;
  readonly permitted: readonly string[];
  readonly phases: readonly Phase[];
}

const preview = async (groups: readonly string[], more: object = {}) => {
  const body = { version: VERSION, groups, firstDate: "2024-07-01", ...more };
  const { status, body: answer } = await call("featureReleasesPreview", { body });
  return { status, answer, phases: (answer.phases ?? []) as readonly Phase[] };
};
/** A body with the phases that the preview proposes, all beginning on these dates. */
const form = async (groups: readonly string[], { name = "Summer", dates = ["2024-07-01"], ...more } = {}) => {
  const { phases } = await preview(groups, { firstDate: "2024-12-02" });
  const planned = phases.map(({ rings, gradualGroups: gradual }, index) => ({
    ...{ rings, gradualGroups: gradual, firstDate: dates[index] ?? dates.at(-1) },
  }));
  return { name, version: VERSION, groups, phases: planned, ...more };
};
const create = async (groups: readonly string[], more: Parameters<typeof form>[1] = {}) => {
  const { status, body } = await call("featureReleasesCreate", { body: await form(groups, more) });
  if (status !== 201) throw new Error(`Refused with ${status}: ${body.detail}`);
  return body as unknown as Release;
};
const read = async (id: string) =>
  (await call("featureReleasesGet", { params: { featureReleaseId: id } })).body as unknown as Release;
const act = async (operation: string, id: string, body: object = {}) => {
  const { status, body: answer } = await call(operation, { params: { featureReleaseId: id }, body });
  await workshop.drain();
  return { status, rule: answer.rule, limit: answer.limit, field: answer.field, detail: answer.detail };
};
/** Why a release is refused: status, rule and field. */
const refusal = async (body: object) => {
  const { status, body: answer } = await call("featureReleasesCreate", { body });
  return [status, answer.rule, answer.field];
};
/** A device of Ring1 of sales with that Windows. */
const device = (id: string, osVersion: string) =>
  record({ deviceId: id, groupId: "sales", ring: "Ring1", managed: managed({ osVersion }) });
const pause = { reason: "applicationCompatibility", text: "The printers stand still." };
const cancel = { reason: "schedule" };
const statuses = (release: Release) => [release.status, ...release.phases.map(({ status }) => status)];

describe("building a feature release", () => {
  it("row 74: ring n of every group comes into phase n", async () => {
    await workshop.addGroup("finance", ["Test", "Ring1", "Ring2", "Last"]);
    const { phases } = await preview(["finance", "sales"]);
    expect(phases.map(({ rings }) => rings.map(({ groupId, ring }) => `${groupId} ${ring}`))).toEqual([
      ["finance Test", "sales Test"],
      ["finance Ring1", "sales Ring1"],
      ["finance Ring2", "sales Last"],
      ["finance Last"],
    ]);
  });

  it("row 74: a release without phases of its own has those of the preview", async () => {
    await workshop.addGroup("finance", ["Test", "Ring1", "Ring2", "Last"]);
    const plan = { version: VERSION, groups: ["finance", "sales"], firstDate: "2024-07-01", gradualGroups: 2 };
    const planOf = ({ phases }: Pick<Release, "phases">) =>
      phases.map(({ number, rings, firstDate, gradualGroups: gradual, goalDate }) => ({
        ...{ number, firstDate, gradual, goalDate },
        rings: rings.map(({ groupId, ring }) => `${groupId} ${ring}`),
      }));
    const proposed = await preview(plan.groups, plan);
    const { status, body } = await call("featureReleasesCreate", { body: { name: "Summer", ...plan } });
    expect(status).toBe(201);
    expect(planOf(body as unknown as Release)).toEqual(planOf(proposed));
    expect(proposed.phases.map(({ firstDate }) => firstDate)).toEqual([
      "2024-07-01",
      "2024-07-15",
      "2024-07-29",
      "2024-08-12",
    ]);
  });

  it("row 75: a release that says neither phases nor a date begins tomorrow", async () => {
    const { status, body } = await call("featureReleasesCreate", {
      body: { name: "Summer", version: VERSION, groups: ["sales"] },
    });
    expect([status, (body as unknown as Release).phases[0]?.firstDate]).toEqual([201, "2024-06-13"]);
  });

  it("row 74: every ring is in one phase, and every phase has a ring, or nothing is made", async () => {
    const good = await form(["sales"]);
    const [first, second] = good.phases;
    const plans = [
      [[first, second], "ringWithoutPhase"],
      [[...good.phases, { ...first, rings: [] }], "phaseWithoutRing"],
      [[...good.phases, first], "ringInTwoPhases"],
    ] as const;
    for (const [phases, rule] of plans) expect((await refusal({ ...good, phases }))[1]).toBe(rule);
    expect((await call("featureReleasesList")).body.value).toEqual([]);
    expect(await refusal(good)).toEqual([201, undefined, undefined]);
  });

  it("row 75: a first date of today is refused, and tomorrow accepted", async () => {
    const today = await form(["sales"], { dates: ["2024-06-12"] });
    expect(await refusal(today)).toEqual([422, "firstDate", "phases[0].firstDate"]);
    expect(statuses(await create(["sales"], { dates: ["2024-06-13"] }))[0]).toBe("Scheduled");
  });

  it("row 78: phases keep their order, and the last begins while the version has support", async () => {
    const backwards = await form(["sales"], { dates: ["2024-07-08", "2024-07-01", "2024-07-15"] });
    expect(await refusal(backwards)).toEqual([422, "phaseOrder", "phases[1].firstDate"]);
    const late = await form(["sales"], { dates: ["2024-07-08", "2024-07-15", "2026-11-10"] });
    expect(await refusal(late)).toEqual([422, "unsupportedVersion", "version"]);
  });

  it("row 77: the goal date is the first one, 7 days for each further group, 5 of the deadline and 2 of grace", async () => {
    const goal = async (gradual: number) =>
      (
        await preview(["sales"], {
          firstDate: "2026-02-02",
          gradualGroups: gradual,
          version: "Windows 11, version 23H2",
        })
      ).phases[0]?.goalDate;
    expect([await goal(4), await goal(1)]).toEqual(["2026-03-02", "2026-02-09"]);
  });

  it.each([
    ["that there is not", "Windows 11, version 29H9", "unknownVersion"],
    ["out of support", "Windows 10, version 21H2", "unsupportedVersion"],
    ["older than the group's", "Windows 10, version 22H2", "downgrade"],
  ])("row 74: a version %s is refused", async (_what, version, rule) => {
    expect(await refusal({ ...(await form(["sales"])), version })).toEqual([422, rule, "version"]);
  });
});

describe("a version that is older than what devices run", () => {
  const devices = (...versions: string[]) =>
    workshop.register(versions.map((version, index) => device(deviceId(index), version)));

  it("row 74: is refused where most devices of a group run a newer one, naming them", async () => {
    await devices("10.0.26100.1", "10.0.26100.1", "10.0.22621.1");
    const { answer } = await preview(["sales"]);
    expect([answer.rule, answer.groupId, answer.deviceIds]).toEqual(["downgrade", "sales", [0, 1].map(deviceId)]);
  });

  it("row 74: leaves out the few that run a newer one, and says how many they are", async () => {
    await devices("10.0.26100.1", "10.0.22621.1");
    const { phases } = await preview(["sales"]);
    expect(phases.map(({ newerDevices }) => newerDevices)).toEqual([0, 1, 0]);
  });
});

describe("gradual groups", () => {
  const planned = async (more: object) => {
    const phases = (await form(["sales"])).phases.map(({ rings }) => ({ rings, firstDate: "2024-07-01", ...more }));
    const { body } = await call("featureReleasesCreate", { body: { ...(await form(["sales"])), phases } });
    return body as unknown as Release;
  };
  /** Sizes of the groups of Ring1 to which the tenant offers the version, by day of July. */
  const offered = async (ids: readonly string[], days: readonly number[]) => {
    const sizes: number[] = [];
    for (const day of days) {
      workshop.passUntil(`2024-07-${String(day).padStart(2, "0")}T00:00:00Z`);
      sizes.push(ids.filter((id) => workshop.tenant().tenant.view(id).feature?.version === VERSION).length);
    }
    return sizes;
  };

  it("row 82: 1 to 10 July every 3 days are 4 groups", async () => {
    const { phases } = await planned({ lastDate: "2024-07-10", daysBetween: 3 });
    expect(phases[1]).toMatchObject({ gradualGroups: 4, daysBetween: 3, goalDate: "2024-07-17" });
    await workshop.automationAt("2024-06-30T04:00:00Z");
    expect((await workshop.policies()).get("Windows Autopatch - DSS policy - Summer - Phase 2")?.values).toMatchObject({
      rolloutSettings: { offerEndDateTimeInUTC: "2024-07-10T00:00:00Z", offerIntervalInDays: 3 },
    });
  });

  it("row 82: are as many as the devices allow when the phase begins, for plan, goal date and policy", async () => {
    await workshop.register(Array.from({ length: 250 }, (_, n) => device(deviceId(n), "10.0.22621.3737")));
    const { id, phases } = await planned({ gradualGroups: 4 });
    const plan = { gradualGroups: 2, goalDate: "2024-07-15", offers: [{ devices: 125 }, { date: "2024-07-08" }] };
    expect(phases[1]).toMatchObject(plan);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    expect((await workshop.policies()).get("Windows Autopatch - DSS policy - Summer - Phase 2")?.values).toMatchObject({
      rolloutSettings: { offerEndDateTimeInUTC: "2024-07-08T00:00:00Z", offerIntervalInDays: 7 },
    });
    await workshop.register([device(deviceId(0), "10.0.22621.3737")]);
    expect((await read(id)).phases[1]).toMatchObject({ gradualGroups: 2, goalDate: "2024-07-15" });
  });

  it("row 82: are drawn at random, even, and of at least 100 devices", async () => {
    const { tenantDevice } = await import("../support/tenant-device.js");
    const before = { osVersion: "10.0.22621.3737", version: "22H2" } as const;
    const devices = Array.from({ length: 399 }, (_, nth) => tenantDevice(nth, before));
    workshop.tenant().tenant.addDevices(devices);
    const objects = devices.map(({ objectId }) => objectId);
    const directory = await feature.offering(workshop.graph(), workshop.graph());
    await directory.addWaveMembers(sales.bindings.Ring1?.entraGroupId ?? "", objects);
    await workshop.register(devices.map((each) => device(each.deviceId, each.osVersion)));
    await planned({ gradualGroups: 4 });
    await workshop.automationAt("2024-06-30T04:00:00Z");
    expect(
      await offered(
        devices.map((each) => each.deviceId),
        [1, 8, 15, 22],
      ),
    ).toEqual([133, 266, 399, 399]);
  });
});

describe("the automation", () => {
  it("row 76: makes the policy of a phase at 04:00 or 16:00 UTC, 24 hours before its first date", async () => {
    const next = (at: number) => parseNcrontab(workshop.schedule()).next(at) ?? Number.NaN;
    const noon = Date.parse("2024-06-29T12:00:00Z");
    const runs = [next(noon), next(next(noon)), next(next(next(noon)))].map((at) => new Date(at).toISOString());
    expect(runs.map((run) => run.slice(5, 16))).toEqual(["06-29T16:00", "06-30T04:00", "06-30T16:00"]);

    const { id } = await create(["sales"], { dates: ["2024-07-01", "2024-07-15"] });
    const name = (phase: number) => `Windows Autopatch - DSS policy - Summer - Phase ${phase}`;
    await workshop.automationAt("2024-06-29T16:00:00Z");
    expect([...(await workshop.policies()).keys()].filter((each) => each.includes("DSS"))).toEqual([]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    await workshop.automationAt("2024-06-30T16:00:00Z");
    const made = await workshop.policies();
    expect([...made.keys()].filter((each) => each.includes("DSS"))).toEqual([name(1)]);
    expect(made.get(name(1))).toMatchObject({
      included: [sales.bindings.Test?.entraGroupId.toLowerCase()],
      values: {
        featureUpdateVersion: VERSION,
        rolloutSettings: { offerStartDateTimeInUTC: "2024-07-01T00:00:00Z", offerEndDateTimeInUTC: null },
      },
    });
    expect(statuses(await read(id))).toEqual(["Scheduled", "Active", "Scheduled", "Scheduled"]);
    await workshop.automationAt("2024-07-14T04:00:00Z");
    const both = [...(await workshop.policies()).keys()].filter((each) => each.includes("DSS"));
    expect(both.sort()).toEqual([name(1), name(2), name(3)]);
    expect(statuses(await read(id))).toEqual(["Active", "Active", "Active", "Active"]);
  });

  it("row 76: the policy offers the update to gradual groups seven days apart", async () => {
    const body = await form(["sales"]);
    await refusal({ ...body, phases: body.phases.map((phase) => ({ ...phase, gradualGroups: 4 })) });
    await workshop.automationAt("2024-06-30T04:00:00Z");
    expect((await workshop.policies()).get("Windows Autopatch - DSS policy - Summer - Phase 2")?.values).toMatchObject({
      rolloutSettings: {
        offerStartDateTimeInUTC: "2024-07-01T00:00:00Z",
        offerEndDateTimeInUTC: "2024-07-22T00:00:00Z",
        offerIntervalInDays: 7,
      },
    });
  });

  it("row 76: takes the group's own policy of the least version from a group in a release, and gives it back", async () => {
    const assigned = async () => {
      const own = [...(await workshop.policies()).values()].filter(({ displayName }) => !displayName?.includes("DSS"));
      return own.filter(({ included }) => included.length > 0).length;
    };
    expect(await assigned()).toBe(3);
    const { id } = await create(["sales"]);
    await workshop.automationAt("2024-06-13T04:00:00Z");
    expect(await assigned()).toBe(0);
    await act("featureReleasesCancel", id, cancel);
    await workshop.automationAt("2024-06-13T16:00:00Z");
    expect(await assigned()).toBe(3);
  });
});

describe("statuses and what they permit", () => {
  it("row 78: Scheduled lets dates be edited and can be canceled, and its groups are free then", async () => {
    const { id, status, permitted } = await create(["sales"], { dates: ["2024-07-01", "2024-07-08", "2024-08-12"] });
    expect([status, permitted]).toEqual(["Scheduled", ["editDates", "cancel"]]);
    expect(await act("featureReleasesPause", id, pause)).toMatchObject({ status: 409, rule: "pauseOnlyActive" });
    expect(await act("featureReleasesResume", id)).toMatchObject({ status: 409, rule: "resumeOnlyPaused" });
    const dates = (firstDate: string) => ({ phases: [{ phase: 2, firstDate }] });
    expect(await act("featureReleasesEditDates", id, dates("2024-06-12"))).toMatchObject({
      ...{ status: 422, rule: "firstDate", limit: "2024-06-13" },
    });
    expect(await act("featureReleasesEditDates", id, dates("2024-08-05"))).toMatchObject({ status: 200 });
    expect((await read(id)).phases.map(({ firstDate }) => firstDate)).toEqual([
      "2024-07-01",
      "2024-08-05",
      "2024-08-12",
    ]);
    expect(await act("featureReleasesEditDates", id, dates("2024-08-13"))).toMatchObject({
      ...{ status: 422, rule: "phaseOrder", field: "phases[0].firstDate" },
    });
    expect(await act("featureReleasesCancel", id, { reason: "because" })).toMatchObject({
      status: 400,
      field: "reason",
    });
    expect(await act("featureReleasesCancel", id, cancel)).toMatchObject({ status: 200 });
    const canceled = await read(id);
    expect([canceled.permitted, ...statuses(canceled)]).toEqual([[], "Canceled", "Canceled", "Canceled", "Canceled"]);
    await workshop.automationAt("2024-07-01T04:00:00Z");
    expect([...(await workshop.policies()).keys()].some((name) => name.includes("DSS"))).toBe(false);
    expect((await create(["sales"], { name: "Autumn", dates: ["2024-07-02"] })).status).toBe("Scheduled");
  });

  it("row 78: Active can be paused alone, and Paused resumed alone, for chosen phases too", async () => {
    const { id } = await create(["sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    const active = await read(id);
    expect([active.permitted, ...statuses(active)]).toEqual([["pause"], "Active", "Active", "Active", "Active"]);
    const dates = { phases: [{ phase: 1, firstDate: "2024-08-05" }] };
    expect(await act("featureReleasesEditDates", id, dates)).toMatchObject({
      status: 409,
      rule: "editDatesOnlyScheduled",
    });
    expect(await act("featureReleasesCancel", id, cancel)).toMatchObject({ status: 409, rule: "cancelOnlyScheduled" });
    expect(await act("featureReleasesPause", id, pause)).toMatchObject({ status: 202 });
    const paused = await read(id);
    expect([paused.permitted, ...statuses(paused)]).toEqual([["resume"], "Paused", "Paused", "Paused", "Paused"]);
    expect(await act("featureReleasesResume", id, { phases: [2, 3] })).toMatchObject({ status: 202 });
    const mixed = await read(id);
    expect([mixed.permitted, ...statuses(mixed)]).toEqual([
      ["pause", "resume"],
      "Active",
      "Paused",
      "Active",
      "Active",
    ]);
    expect(await act("featureReleasesPause", id, { ...pause, phases: [1] })).toMatchObject({ status: 409 });
    expect(await act("featureReleasesPause", id, { ...pause, phases: [4] })).toMatchObject({ rule: "unknownPhase" });
  });

  it("row 79: a group of a Scheduled release is refused to another one", async () => {
    await create(["sales"]);
    const { status, answer } = await preview(["sales"]);
    expect([status, answer.rule, answer.field]).toEqual([422, "groupInScheduledRelease", "groups[0]"]);
  });

  it("row 79: a group of an Active release may go to another one, whose phases make the old ones Inactive", async () => {
    const finance = await workshop.addGroup("finance");
    const first = await create(["finance", "sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    const second = await create(["sales"], { name: "Autumn", dates: ["2024-08-05"] });
    await workshop.drain();
    const policy = async () => (await workshop.policies()).get("Windows Autopatch - DSS policy - Summer - Phase 1");
    expect(statuses(await read(first.id))).toEqual(["Active", "Active", "Active", "Active"]);
    expect((await policy())?.included).toEqual([finance.bindings.Test?.entraGroupId.toLowerCase()]);
    await create(["finance"], { name: "Winter", dates: ["2024-08-06"] });
    await workshop.drain();
    const inactive = await read(first.id);
    expect([inactive.permitted, ...statuses(inactive)]).toEqual([[], "Inactive", "Inactive", "Inactive", "Inactive"]);
    expect((await policy())?.included).toEqual([]);
    expect((await read(second.id)).status).toBe("Scheduled");
  });

  it("row 79: a group of a Paused release is refused, no release has a name twice, and none is deleted", async () => {
    const { id } = await create(["sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    await act("featureReleasesPause", id, pause);
    expect((await preview(["sales"])).answer.rule).toBe("groupInPausedRelease");
    await act("featureReleasesResume", id);
    expect(await refusal(await form(["sales"], { name: "summer" }))).toEqual([422, "nameTaken", "name"]);
    const { operations } = await import("../../functions/api/route.js");
    const deleting = operations().filter(({ method, path }) => method === "DELETE" && path.startsWith("feature-"));
    expect(deleting).toEqual([]);
  });

  it("row 80: only administrators pause, and the pause does not end after 35 days", async () => {
    const { id } = await create(["sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    api.role = "Operator";
    expect(await act("featureReleasesPause", id, pause)).toMatchObject({ status: 403 });
    api.role = "Administrator";
    await act("featureReleasesPause", id, pause);
    expect(await workshop.pauseOf(sales, "Ring1")).toMatchObject({ paused: true });
    for (let day = 4; day <= 80; day += 4) {
      const at = new Date(Date.parse("2024-06-30T04:00:00Z") + day * 86_400_000).toISOString();
      await workshop.automationAt(at);
    }
    expect((await workshop.pauseOf(sales, "Ring1")).paused).toBe(true);
    expect((await read(id)).status).toBe("Paused");
    await act("featureReleasesResume", id, { phases: [2] });
    expect([await workshop.pauseOf(sales, "Ring1"), await workshop.pauseOf(sales, "Test")]).toMatchObject([
      { paused: false },
      { paused: true },
    ]);
  });

  it("row 80: rings are paused and resumed alone, each until somebody resumes it", async () => {
    const { id } = await create(["sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    const [test, ring1] = ["Test", "Ring1"].map((ring) => ({ groupId: "sales", ring }));
    const pausedRings = async () => {
      const rings = ["Test", "Ring1", "Last"];
      const states = await Promise.all(rings.map((ring) => workshop.pauseOf(sales, ring)));
      return rings.filter((_, index) => states[index]?.paused);
    };
    await act("featureReleasesPause", id, { ...pause, phases: [2, 3] });
    expect(await act("featureReleasesResume", id, { rings: [ring1] })).toMatchObject({ status: 202 });
    expect([await pausedRings(), statuses(await read(id))[2]]).toEqual([["Last"], "Active"]);
    expect(await act("featureReleasesPause", id, { ...pause, rings: [test] })).toMatchObject({ status: 202 });
    expect(await pausedRings()).toEqual(["Test", "Last"]);
    expect(await act("featureReleasesResume", id, { rings: [ring1] })).toMatchObject({
      ...{ status: 409, rule: "resumeOnlyPaused", field: "rings" },
    });
    const nobody = { groupId: "sales", ring: "Ring9" };
    expect(await act("featureReleasesPause", id, { ...pause, rings: [nobody] })).toMatchObject({ rule: "unknownRing" });
  });

  it("row 84: of several policies the latest version wins", async () => {
    const versions = async () => {
      const { body } = await call("groupsFeatureVersions", { params: { groupId: "sales" } });
      return (body.value as { ring: string; version: string }[]).map(({ ring, version }) => `${ring}: ${version}`);
    };
    const [Test, Ring1, Last] = ["Test", "Ring1", "Last"].map((ring) => sales.bindings[ring]?.entraGroupId ?? "");
    await workshop.foreignPolicy("Old ones", "Windows 10, version 22H2", Test ?? "");
    await workshop.foreignPolicy("New ones", "Windows 11, version 23H2", Ring1 ?? "");
    await workshop.foreignPolicy("Old ones again", "Windows 11, version 21H2", Ring1 ?? "");
    await workshop.foreignPolicy("The same", "Windows 11, version 22H2", Last ?? "");
    const [old, same] = ["Windows 11, version 22H2", "Windows 11, version 23H2"];
    expect(await versions()).toEqual([`Test: ${old}`, `Ring1: ${same}`, `Last: ${old}`]);
  });
});

describe("a group in a feature release", () => {
  const put = async (change: (definition: StoredGroup["definition"]) => object) => {
    const definition = change(sales.definition);
    const { status, body } = await call("groupsPut", { params: { groupId: "sales" }, body: { definition } });
    return [status, body.rule, body.field];
  };
  const remove = async () => {
    const { status, body } = await call("groupsDelete", { params: { groupId: "sales" } });
    return [status, body.rule];
  };
  const target = (targetFeatureVersion: string) => (definition: StoredGroup["definition"]) => ({
    ...definition,
    deploymentSettings: { ...definition.deploymentSettings, targetFeatureVersion },
  });

  it("row 13: keeps the settings that the release rests on, with the banner, and others may be edited", async () => {
    await create(["sales"]);
    const rule = "lockedByRelease";
    const field = "deploymentSettings.targetFeatureVersion";
    expect(await put(target(VERSION))).toEqual([422, rule, field]);
    const rings = (definition: StoredGroup["definition"]) => ({
      ...definition,
      rings: definition.rings.map((ring) => ({ ...ring, featureDeadlineDays: 9 })),
    });
    expect(await put(rings)).toEqual([422, rule, "rings.Test.featureDeadlineDays"]);
    const { body } = await call("groupsPut", {
      params: { groupId: "sales" },
      body: { definition: target(VERSION)(sales.definition) },
    });
    expect(body.detail).toContain("Some settings are not allowed to be modified");
    expect((await put((definition) => ({ ...definition, description: "Sales people" })))[0]).toBe(200);
  });

  it("row 13: keeps them after the goal dates too, and is told how to have them back", async () => {
    await create(["sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    await workshop.automationAt("2024-09-30T04:00:00Z");
    const { body } = await call("groupsPut", {
      params: { groupId: "sales" },
      body: { definition: target(VERSION)(sales.definition) },
    });
    expect(body.detail).toContain("put the group into another feature release and cancel that one");
    const other = await create(["sales"], { name: "Autumn", dates: ["2024-12-02"] });
    await act("featureReleasesCancel", other.id, cancel);
    expect((await put(target(VERSION)))[0]).toBe(200);
  });

  it("row 13: cannot be deleted while the release is Active or Paused, and can be once it is not", async () => {
    const { id } = await create(["sales"]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    expect(await remove()).toEqual([409, "groupInFeatureRelease"]);
    await act("featureReleasesPause", id, pause);
    expect(await remove()).toEqual([409, "groupInFeatureRelease"]);
    await act("featureReleasesResume", id);
    const other = await create(["sales"], { name: "Autumn", dates: ["2024-08-05"] });
    await act("featureReleasesCancel", other.id, cancel);
    expect((await remove())[0]).toBe(202);
  });

  it("row 13: may be deleted, and edited again, where the release is canceled", async () => {
    const { id } = await create(["sales"]);
    await act("featureReleasesCancel", id, cancel);
    expect((await put(target(VERSION)))[0]).toBe(200);
    expect((await remove())[0]).toBe(202);
  });
});

describe("measuring a feature release", () => {
  const { listReleases, listRings } = releaseStore;
  const measured = async () => (await listReleases()).filter(({ update }) => update.workload === "feature");

  it("is a release of its own in every group of a phase that has begun, with the dates of the phases", async () => {
    await create(["sales"], { dates: ["2024-07-01", "2024-07-08", "2024-07-15"] });
    await workshop.automationAt("2024-06-29T16:00:00Z");
    expect(await measured()).toEqual([]);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    await workshop.automationAt("2024-06-30T16:00:00Z");
    const [release, ...others] = await measured();
    expect(others).toEqual([]);
    const rings = await listRings(release?.id ?? "");
    expect(rings.map(({ ring, state }) => [ring, new Date(state.plan.availableAt).toISOString().slice(0, 10)])).toEqual(
      [
        ["Test", "2024-07-01"],
        ["Ring1", "2024-07-08"],
        ["Last", "2024-07-15"],
      ],
    );
  });

  it("hears of pauses of phases, and that they are over", async () => {
    const { id } = await create(["sales"], { dates: ["2024-07-01", "2024-07-08", "2024-07-15"] });
    await workshop.automationAt("2024-06-30T04:00:00Z");
    const [release] = await measured();
    const told = async () =>
      (await commandsOf(release?.id ?? "")).map(({ command }) => [command.kind, "rings" in command && command.rings]);
    await act("featureReleasesPause", id, { ...pause, phases: [1] });
    expect(await told()).toEqual([["pause", ["Test"]]]);
  });

  /** What the release that measures a group does to one of its rings in the tenant. */
  const offerOf = async (groupId: string, ringName: string) => {
    const release = (await measured()).find((each) => each.groupId === groupId);
    const tenantOffers = await feature.offering(workshop.graph(), workshop.graph());
    const group = (await readGroup(groupId)).body;
    const ring = targetOf(group, ringName);
    if (release === undefined || ring === undefined) throw new Error("Nothing measures the release.");
    const { catalogEntryId } = release.update;
    const policy = await tenantOffers.openRelease({ releaseKey: release.id, ring, catalogEntryId });
    return {
      set: (status: "suspended" | "approved") => tenantOffers.setApproval(policy, status),
      finish: () => tenantOffers.finish(policy, ring, catalogEntryId),
      isPaused: async () => (await workshop.pauseOf((await readGroup(groupId)).body, ringName)).paused,
    };
  };
  const begun = async (groups: readonly string[]) => {
    const release = await create(groups);
    await workshop.automationAt("2024-06-30T04:00:00Z");
    return release;
  };

  it("keeps a ring from its phase while the gate holds, by its update ring", async () => {
    await begun(["sales"]);
    const test = await offerOf("sales", "Test");
    await test.set("suspended");
    expect(await test.isPaused()).toBe(true);
    await test.set("approved");
    expect(await test.isPaused()).toBe(false);
  });

  it("keeps a ring that the gate holds, whatever another group of the phase does", async () => {
    await workshop.addGroup("finance");
    await begun(["finance", "sales"]);
    const held = await offerOf("sales", "Test");
    await held.set("suspended");
    await (await offerOf("finance", "Test")).finish();
    await create(["finance"], { name: "Autumn", dates: ["2024-08-05"] });
    await workshop.drain();
    expect(await held.isPaused()).toBe(true);
  });

  it("keeps a ring that the gate holds beyond 35 days", async () => {
    await begun(["sales"]);
    const held = await offerOf("sales", "Test");
    await held.set("suspended");
    for (let day = 4; day <= 48; day += 4) {
      await workshop.automationAt(new Date(Date.parse("2024-06-30T04:00:00Z") + day * 86_400_000).toISOString());
    }
    expect(await held.isPaused()).toBe(true);
  });

  it("lets a ring go on whose release has ended while the gate held it", async () => {
    const { id } = await begun(["sales"]);
    const held = await offerOf("sales", "Test");
    await held.set("suspended");
    await held.finish();
    expect(await held.isPaused()).toBe(false);
    expect((await read(id)).phases[0]?.rings[0]).toMatchObject({ ring: "Test", suspended: false });
  });

  it("does not write the phase again where nobody was left out", async () => {
    const { id } = await begun(["sales"]);
    const version = async () => (await featureStore.readFeatureRelease(id)).etag;
    const [before, test] = [await version(), await offerOf("sales", "Test")];
    await test.finish();
    expect(await version()).toBe(before);
  });
});
