import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiInMemory, reset } from "../support/api-in-memory.js";
import { featureWorkshop } from "../support/feature-releases.js";
import { tenantDevice } from "../support/tenant-device.js";
import { managed, record } from "../unit/shared/registration/records.js";

const api = apiInMemory();
const workshop = await featureWorkshop(api);
const { call, noted } = api;
await import("../../functions/api/feature-devices.js");
await import("../../functions/api/feature-uninstalls.js");
await import("../../functions/feature-devices.js");
const { keepAttributes } = await import("../../shared/readiness/device-attributes.js");
const { ledger, reopenLedger } = await import("../../shared/ledger/index.js");
const { insertRelease, listReleases } = await import("../../shared/releases/store.js");
const { inboxOf } = await import("../../shared/releases/ring-inbox.js");
const { releaseOf } = await import("../unit/shared/releases/fixtures.js");
const { SIGNAL_TYPE_PREFIX } = await import("../../shared/signals/signal.js");
const { readUpdateRing } = await import("../../shared/graph/update-rings.js");
const { lookAtObjectives } = await import("../../shared/incidents/look.js");
await import("../../functions/api/incidents.js");
const { readGroup } = await import("../../shared/groups/store.js");

const TARGET = "Windows 11, version 23H2";
const [WINDOWS_10, BEFORE, AFTER] = ["10.0.19045.4400", "10.0.22000.3000", "10.0.22631.3593"];
const KB = { kb: "KB5039212", build: "10.0.22631.3737" };
const fine = { tpm: "2.0", secureBoot: "on", processorSupported: "yes", memoryGb: "16", diskGb: "256" };

beforeEach(async () => {
  reset(api);
  reopenLedger();
  await workshop.open();
  await workshop.addGroup("sales");
});
afterEach(() => workshop.close());

const idOf = (nth: number) => tenantDevice(nth).deviceId;
/** Devices of a ring with these builds, in the register. */
const register = (builds: readonly string[], more: object = {}, ring = "Ring1") =>
  workshop.register(
    builds.map((osVersion, nth) =>
      record({
        ...{ deviceId: idOf(nth), objectId: tenantDevice(nth).objectId, groupId: "sales", ring },
        managed: managed({ osVersion, lastSyncAt: new Date(workshop.now()).toISOString(), ...more }),
      }),
    ),
  );
const phases = (firstDate: string) => [
  { rings: [{ groupId: "sales", ring: "Test" }], firstDate },
  { rings: ["Ring1", "Last"].map((ring) => ({ groupId: "sales", ring })), firstDate },
];
const release = async (firstDate = "2024-07-01") => {
  const body = { name: "Summer", version: TARGET, groups: ["sales"], phases: phases(firstDate) };
  const made = await call("featureReleasesCreate", { body });
  await workshop.drain();
  return String(made.body.id);
};
/** A release whose phases have begun, which the ledger measures. */
const begun = async () => {
  const id = await release();
  await workshop.automationAt("2024-06-30T16:00:00Z");
  workshop.passUntil("2024-07-01T08:00:00Z");
  return id;
};
const decide = async (operation: string, id: string, body: object) => {
  const answer = await call(operation, { params: { featureReleaseId: id }, body });
  await workshop.drain();
  return answer;
};
const measure = async (featureReleaseId: string, builds: readonly string[]) => {
  const measuring = releaseOf("enforce", workshop.now());
  const update = { ...measuring.update, catalogEntryId: featureReleaseId };
  await insertRelease({ ...measuring, groupId: "sales", update });
  const books = await ledger();
  const enrolments = builds.map((osBuild, nth) => {
    return { deviceId: idOf(nth), objectId: tenantDevice(nth).objectId, ring: "Ring1", attributes: { osBuild } };
  });
  await books.enrolDevices(measuring.id, enrolments);
  const startedAt = new Date(workshop.now() - 1000).toISOString();
  await books.registerUpdate(measuring.id, { revisions: [KB], startedAt });
};
let sequence = 0;
const signal = async (nth: number, kind: string, errorCode?: string) => {
  const deviceId = idOf(nth);
  const data = { deviceId, ...KB, attempt: 1, sequence: ++sequence, ...(errorCode === undefined ? {} : { errorCode }) };
  const event = { specversion: "1.0", id: `${deviceId}:${sequence}`, source: `/devices/${deviceId}` };
  const time = new Date(workshop.now()).toISOString();
  const body = { ...event, type: `${SIGNAL_TYPE_PREFIX}${kind}`, time, datacontenttype: "application/json", data };
  await (await ledger()).foldSignals([{ body }], workshop.now());
};
const device = async (nth: number) =>
  (await call("deviceFeatureUpdateGet", { params: { deviceId: idOf(nth) } })).body as Record<string, unknown>;
const state = async (nth = 0) => {
  const { state: found, substate } = await device(nth);
  return substate === null ? found : `${found}: ${substate}`;
};
const report = async () => {
  const { body } = await call("featureDevicesReport");
  const [row] = body.value as Record<string, unknown>[];
  return { row, supported: body.supported };
};

describe("the state of a device with its feature update", () => {
  it("row 83: goes from Pending over Offering and Installing to Installed", async () => {
    await register([BEFORE]);
    const id = await release();
    expect(await state()).toBe("Pending: Scheduled");
    await workshop.automationAt("2024-06-30T16:00:00Z");
    workshop.passUntil("2024-07-01T08:00:00Z");
    expect(await state()).toBe("Offering: OfferReady");
    await measure(id, [BEFORE]);
    const stages = [
      ["offered", "Offering: Offer Received"],
      ["downloading", "Installing: Download Start"],
      ["install-started", "Installing: Install Start"],
      ["restart-pending", "Installing: Restart Required"],
      ["installed", "Installed: Update Installed"],
    ] as const;
    for (const [kind, expected] of stages) {
      await signal(0, kind);
      expect(await state()).toBe(expected);
    }
    expect(await device(0)).toMatchObject({
      release: "Summer",
      phase: 2,
      targetVersion: TARGET,
      updateStatus: "Up to date",
    });
  });

  it("row 83: is On hold while somebody has paused the phase, with the reason, until it is resumed", async () => {
    await register([BEFORE]);
    const id = await begun();
    await decide("featureReleasesPause", id, { reason: "deviceIssue", text: "Docks fail" });
    expect(await state()).toBe("On hold: Admin paused");
    expect(await device(0)).toMatchObject({ pauseStatus: "Paused", updateStatus: "Paused" });
    expect((await device(0)).because).toContain("deviceIssue, Docks fail");
    await decide("featureReleasesResume", id, {});
    expect(await state()).toBe("Offering: OfferReady");
  });

  it("row 83: is Canceled for the release that was canceled, which its group's own version replaces", async () => {
    await register([BEFORE]);
    const id = await release();
    await decide("featureReleasesCancel", id, { reason: "schedule" });
    const { value } = (await call("featureDevicesList", { query: { release: id } })).body as { value: object[] };
    expect(value).toMatchObject([{ state: "Canceled", substate: "Admin Cancelled" }]);
    expect(await device(0)).toMatchObject({ featureReleaseId: null, targetVersion: "Windows 11, version 22H2" });
  });

  it("row 83: Needs attention says what is wrong and what to do", async () => {
    await register([BEFORE]);
    await measure(await begun(), [BEFORE]);
    await signal(0, "failed", "0x80070070");
    expect(await device(0)).toMatchObject({
      ...{ state: "Needs attention", updateStatus: "Not up to date", errorCode: "0x80070070" },
      alert: { code: "DiskFull", remedy: "Free space on it; the device tries again." },
    });
  });

  it("row 83: a device on Windows 10 that Windows 11 does not take stays, or gets Windows 10, version 22H2", async () => {
    await register([WINDOWS_10, "10.0.19044.4400", WINDOWS_10]);
    const at = new Date(workshop.now()).toISOString();
    const told = [{ ...fine, tpm: "none" }, { ...fine, tpm: "none" }, {}];
    await keepAttributes(told.map((attributes, nth) => ({ deviceId: idOf(nth), at, attributes })));
    await begun();
    expect(await device(0)).toMatchObject({
      ...{ state: "Canceled", substate: "Not Supported", label: "Unhealthy", reachableVersion: null },
      because: expect.stringContaining("It stays on its version"),
    });
    expect(await device(1)).toMatchObject({ reachableVersion: "Windows 10, version 22H2", isFallback: true });
    expect(await device(2)).toMatchObject({ state: "Pending", substate: "Validation", label: "Healthy" });
  });

  it("lists devices by ring, state and version", async () => {
    await register([BEFORE, AFTER]);
    await begun();
    const listed = async (query: Record<string, string>) =>
      ((await call("featureDevicesList", { query })).body.value as { deviceId: string }[]).map(
        ({ deviceId }) => deviceId,
      );
    expect(await listed({ ring: "Ring1", group: "sales" })).toEqual([idOf(0), idOf(1)]);
    expect(await listed({ state: "Installed" })).toEqual([idOf(1)]);
    expect(await listed({ version: "Windows 11, version 21H2" })).toEqual([idOf(0)]);
    expect(await listed({ ring: "Last" })).toEqual([]);
    expect((await call("featureDevicesList", { query: { state: "Lost" } })).status).toBe(400);
  });
});

describe("the objectives of feature updates", () => {
  const fleet = (upToDate: number, others: number) => [
    ...Array.from({ length: upToDate }, () => AFTER),
    ...Array.from({ length: others }, () => BEFORE),
  ];

  it.each([
    [19, 1, { percent: 95, denominator: 20, reached: 19, met: true }],
    [18, 2, { percent: 90, denominator: 20, reached: 18, met: false }],
  ])("row 81: %i devices on the target and %i not, once the goal date is reached", async (has, lacks, objective) => {
    await register(fleet(has, lacks));
    await begun();
    expect((await report()).row).toMatchObject({
      ...{ release: "Summer", versionToDeploy: TARGET, deviceCount: 20, upToDate: has, inProgress: lacks },
      objective: { objective: 95, met: null },
    });
    workshop.passUntil("2024-07-07T23:59:00Z");
    expect((await report()).row).toMatchObject({ objective: { met: null }, inProgress: lacks });
    workshop.passUntil("2024-07-08T00:00:00Z");
    expect((await report()).row).toMatchObject({ objective, inProgress: 0, notUpToDate: lacks });
  });

  it("row 81: devices that are not Healthy are shown and not counted", async () => {
    await register([...fleet(19, 1), WINDOWS_10]);
    const at = new Date(workshop.now()).toISOString();
    await keepAttributes([{ deviceId: idOf(20), at, attributes: { ...fine, memoryGb: "2" } }]);
    await begun();
    workshop.passUntil("2024-07-08T00:00:00Z");
    expect((await report()).row).toMatchObject({
      ...{ deviceCount: 21, notEligible: 1, reasons: { memory: 1 }, percentWithTarget: 90.4 },
      objective: { percent: 95, denominator: 20, met: true },
    });
  });

  it.each([
    [1, { percent: 99, denominator: 100, met: true }],
    [2, { percent: 98, denominator: 100, met: false }],
  ])("row 81: with %i of 100 devices on a version out of support", async (ended, expected) => {
    const builds = Array.from({ length: 100 }, (_, nth) => (nth < ended ? "10.0.22000.3000" : AFTER));
    await register(builds, { skuFamily: "Pro" });
    expect((await report()).supported).toMatchObject({ objective: 99, ...expected });
  });
});

describe("an incident of supported versions", () => {
  const fleetWith = (ended: number) =>
    register(
      Array.from({ length: 100 }, (_, nth) => (nth < ended ? "10.0.22000.3000" : AFTER)),
      { skuFamily: "Pro" },
    );
  const look = async () => {
    const found = await lookAtObjectives(workshop.now());
    return found.map(({ id, closed }) => [id, closed?.because ?? "open"]);
  };

  it("row 81: is opened for a group below 99 %, and ends when it is met", async () => {
    await fleetWith(1);
    expect(await look()).toEqual([]);
    await fleetWith(2);
    expect(await look()).toEqual([["supported sales", "open"]]);
    expect(noted).toContain("incident.open");
    const [incident] = (await call("incidentsList")).body.value as { summary: string; objective: number }[];
    expect(incident).toMatchObject({
      ...{ objective: 99, releaseId: null, groupId: "sales", ring: null },
      summary: "98 of 100 devices (98 %) of sales have a supported Windows version; 99 % have to at any time.",
    });
    await fleetWith(1);
    expect(await look()).toEqual([["supported sales", "met"]]);
    expect(await look()).toEqual([]);
  });
});

describe("versions that leave support", () => {
  const lifecycle = async () => (await call("featureDevicesLifecycle")).body.value as Record<string, unknown>[];
  const told = () => noted.filter((action) => action.startsWith("featureVersion."));
  const daily = (text: string) => workshop.automationAt(text, "featureDevicesDaily");

  it("are listed within two months of their end, told of once, and once more when it has come", async () => {
    await register(["10.0.22621.3593", AFTER], { skuFamily: "Pro" });
    await daily("2024-08-08T05:10:00Z");
    expect([await lifecycle(), told()]).toEqual([[], []]);
    await daily("2024-08-10T05:10:00Z");
    expect(await lifecycle()).toMatchObject([
      { groupId: "sales", version: "Windows 11, version 22H2", support: "Support Ending", deviceIds: [idOf(0)] },
    ]);
    await daily("2024-08-11T05:10:00Z");
    expect(told()).toEqual(["featureVersion.ending"]);
    await daily("2024-10-09T05:10:00Z");
    await daily("2024-10-10T05:10:00Z");
    expect(told()).toEqual(["featureVersion.ending", "featureVersion.ended"]);
    expect(await lifecycle()).toMatchObject([{ support: "Not supported" }]);
  });
});

describe("uninstalling a feature update", () => {
  const why = { reason: "applicationCompatibility", text: "The till does not start." } as const;
  const uninstall = (id: string, more: object = {}) => decide("featureReleasesUninstall", id, { ...why, ...more });
  const ring = async (name: string) => {
    const policyId = (await readGroup("sales")).body.bindings[name]?.updateRingPolicyId ?? "";
    const { featureUpdatesPaused, featureUpdatesWillBeRolledBack } = await readUpdateRing(workshop.graph(), policyId);
    return [featureUpdatesWillBeRolledBack, featureUpdatesPaused];
  };
  const status = async (id: string) => {
    const { body } = await call("featureReleasesGet", { params: { featureReleaseId: id } });
    return (body.phases as { status: string }[]).map((phase) => phase.status);
  };

  it("rolls the update rings of a phase back and pauses it, until somebody resumes it", async () => {
    await register([AFTER]);
    const id = await begun();
    expect((await uninstall(id, { phases: [2] })).status).toBe(202);
    expect([await ring("Ring1"), await ring("Last"), await ring("Test")]).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
    expect(await status(id)).toEqual(["Active", "Paused"]);
    expect(await state()).toBe("Uninstalling: Uninstall");
    expect(noted).toContain("featureRelease.uninstall");
    expect((await uninstall(id, { phases: [2] })).body.rule).toBe("uninstalledAlready");
    await decide("featureReleasesResume", id, {});
    expect([await ring("Ring1"), await status(id)]).toEqual([
      [false, false],
      ["Active", "Active"],
    ]);
  });

  it("is told to the rings of the release that measures it, so that the gate does not count who goes back", async () => {
    const id = await begun();
    await uninstall(id, { phases: [2] });
    const [measuring] = await listReleases();
    const letters = await inboxOf(measuring?.id ?? "");
    const told = ["Test", "Ring1", "Last"].map((name) => letters(name).map(({ event }) => event.type));
    expect(told).toEqual([[], expect.arrayContaining(["uninstalled"]), expect.arrayContaining(["uninstalled"])]);
  });

  it("is ended after the window, with the pause left to people, also where one ring alone goes back", async () => {
    const id = await begun();
    await uninstall(id, { rings: [{ groupId: "sales", ring: "Last" }] });
    expect([await ring("Ring1"), await ring("Last"), await status(id)]).toEqual([
      [false, false],
      [true, true],
      ["Active", "Active"],
    ]);
    await workshop.automationAt("2024-07-31T04:00:00Z");
    expect(await ring("Last")).toEqual([true, true]);
    await workshop.automationAt("2024-07-31T16:00:00Z");
    expect(await ring("Last")).toEqual([false, true]);
    expect(noted).toContain("featureRelease.endUninstall");
    expect((await decide("featureReleasesResume", id, { phases: [2] })).status).toBe(202);
    expect(await ring("Last")).toEqual([false, false]);
  });

  it("is refused before the phase begins, after the window and for what is not there, and then nothing is changed", async () => {
    const id = await release();
    expect((await uninstall(id, { phases: [2] })).body).toMatchObject({ status: 409, rule: "uninstallNotBegun" });
    await workshop.automationAt("2024-06-30T16:00:00Z");
    expect((await uninstall(id, { phases: [3] })).body).toMatchObject({ status: 422, rule: "unknownPhase" });
    expect((await uninstall(id, { rings: [{ groupId: "sales", ring: "Ring9" }] })).body.rule).toBe("unknownRing");
    workshop.passUntil("2024-08-07T00:00:00Z");
    const late = await uninstall(id, { phases: [2] });
    expect(late.body).toMatchObject({ status: 422, rule: "uninstallWindow", limit: 30, field: "rings" });
    expect(late.body.detail).toContain("Nothing was changed");
    expect([await ring("Ring1"), await status(id)]).toEqual([
      [false, false],
      ["Active", "Active"],
    ]);
  });

  it("is open until the window after the last installation, which the ledger knows", async () => {
    await register([AFTER]);
    const id = await begun();
    await measure(id, [BEFORE]);
    await signal(0, "installed");
    workshop.passUntil("2024-07-31T07:59:00Z");
    expect((await uninstall(id, { rings: [{ groupId: "sales", ring: "Ring1" }] })).status).toBe(202);
    await decide("featureReleasesResume", id, {});
    workshop.passUntil("2024-07-31T08:00:00Z");
    const rule = (await uninstall(id, { rings: [{ groupId: "sales", ring: "Ring1" }] })).body.rule;
    expect(rule).toBe("uninstallWindow");
  });

  it("is refused where devices got it as an enablement package", async () => {
    await register([AFTER]);
    const id = await begun();
    await measure(id, ["10.0.22621.3593"]);
    await signal(0, "installed");
    expect((await uninstall(id, { phases: [2] })).body.rule).toBe("enablementPackage");
    expect(await ring("Ring1")).toEqual([false, false]);
  });

  it("is for administrators", async () => {
    const id = await begun();
    api.role = "Operator";
    expect((await uninstall(id)).status).toBe(403);
  });
});
