import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { azureTable } from "../../shared/store/azure-table.js";
import { documents } from "../../shared/store/documents.js";
import { connectWith } from "../../shared/store/tables.js";
import type { Assessment } from "../../shared/tenant/assessments.js";
import { call, type Problem } from "../support/api.js";
import { definitionOf, type Sources } from "../support/definitions.js";
import { addDevices, autopatchGroup, devicesOf } from "../support/devices.js";
import { groupsNamed } from "../support/directory.js";
import type { GraphReader } from "../support/graph.js";
import { assessment, E3, enrol, enrolledWithSales, ownUpdateRing, target, tenantOf } from "../support/tenant.js";
import { runTo, type World } from "../support/world.js";

const DAY = 86_400_000;
/** Policies of the tenant, by their collections. */
const POLICIES = ["deviceConfigurations", "windowsFeatureUpdateProfiles", "windowsDriverUpdateProfiles"];
/** Everything that the service knows, by the paths that list it. */
const DATA = ["/groups", "/devices", "/releases", "/approvals", "/announcements", "/tenant/contacts"];

interface List {
  readonly value: readonly unknown[];
}

let world: World;
let graph: GraphReader;
let askedAt: number;
let kept: unknown;
let sources: Sources;

const count = async (path: string) => (await call<List>(world, "GET", path)).body.value.length;
const later = (days: number) => runTo(world, askedAt + days * DAY);

/** Policies with their assignments, and the directory groups that the service made. */
async function tenantObjects(): Promise<unknown> {
  const policies = [];
  for (const collection of POLICIES) {
    policies.push(await graph.list(`beta/deviceManagement/${collection}?$expand=assignments`));
  }
  return { policies, groups: await groupsNamed(graph, "Sales - ") };
}

/** Puts copies of the assessment into storage as if they had been made at these instants (ms): a year is long to run. */
async function ageAssessment(...instants: readonly number[]): Promise<void> {
  const table = azureTable(connectWith(world.storage.connectionString, "Assessments"));
  const assessments = documents<unknown>(table, z.unknown());
  const { body } = await call<Assessment & { earlier?: unknown }>(world, "GET", "/tenant/assessment");
  const { earlier: _earlier, ...latest } = body;
  for (const instant of instants) {
    const at = new Date(instant).toISOString();
    await assessments.insert("assessment", at, { ...latest, at });
  }
}

beforeAll(async () => {
  ({ world, graph, sources } = await enrolledWithSales("2024-06-09T08:00Z"));
  await runTo(world, "2024-06-13T12:00Z");
});
afterAll(() => world?.stop());

describe("a tenant that leaves", () => {
  it("row 44: has groups, devices and a running release until then", async () => {
    for (const path of ["/groups", "/devices", "/releases", "/tenant/contacts"]) {
      expect([path, await count(path)]).not.toEqual([path, 0]);
    }
  });

  it("row 44: must confirm it", async () => {
    const { status, body } = await call<Problem>(world, "POST", "/tenant/unenrol", { confirm: false });
    expect([status, body.field]).toEqual([400, "confirm"]);
    expect((await tenantOf(world)).enrolment).toBe("enrolled");
  });

  it("row 44: changes nothing from the moment it is asked for", async () => {
    kept = await tenantObjects();
    askedAt = world.now();
    const { status, body } = await call<{ enrolment: string }>(world, "POST", "/tenant/unenrol", { confirm: true });
    expect([status, body.enrolment]).toEqual([202, "leaving"]);
    const refused = await call<Problem>(world, "POST", "/devices/discover", {});
    expect([refused.status, refused.body.code]).toEqual([409, "not_enrolled"]);
  });

  it("row 44: is confirmed within 14 days, its data deleted", async () => {
    await later(14);
    const { enrolment, unenrolment } = await tenantOf(world);
    expect(enrolment).toBe("left");
    expect(Date.parse(unenrolment?.finishedAt ?? "")).toBeLessThanOrEqual(askedAt + 14 * DAY);
    for (const path of DATA) expect([path, await count(path)]).toEqual([path, 0]);
    expect((await call(world, "GET", "/tenant/assessment")).status).toBe(404);
  });

  it("row 44: keeps its policies, their assignments and its directory groups as they are", async () => {
    expect(await tenantObjects()).toEqual(kept);
  });

  it("row 44: has no device data after 30 days either, whatever devices still report", async () => {
    const [device] = world.fleet.devices();
    world.fleet.setFinding(device?.deviceId ?? "", {
      check: "Internet connectivity",
      passed: false,
      reason: "Offline.",
    });
    await later(30);
    for (const path of DATA) expect([path, await count(path)]).toEqual([path, 0]);
    expect(await tenantObjects()).toEqual(kept);
  });

  it("row 44: leaves its audit log", async () => {
    const { body } = await call<{ value: { action: string }[] }>(world, "GET", "/audit?month=2024-06&top=1000");
    expect(body.value.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["tenant.enrol", "tenant.unenrol", "tenant.left"]),
    );
  });
});

describe("a tenant that is not enrolled", () => {
  it("row 39: cannot enrol while a check is Not ready", async () => {
    world.tenant.setLicences([]);
    const { status, body } = await enrol(world);
    expect([status, body.rule]).toEqual([422, "notReadyBlocksEnrolment"]);
    expect((await tenantOf(world)).enrolment).toBe("left");
    expect(await count("/tenant/contacts")).toBe(0);
    world.tenant.setLicences([E3]);
  });

  it("row 42: has an assessment whole for 12 months, and without names afterwards", async () => {
    await ownUpdateRing(graph, [target.everyone]);
    await assessment(world);
    const yearAgo = new Date(world.now());
    yearAgo.setUTCFullYear(yearAgo.getUTCFullYear() - 1);
    await ageAssessment(yearAgo.getTime() - DAY, yearAgo.getTime() + 3 * DAY);
    await runTo(world, world.now() + DAY);
    const { body } = await call<Assessment & { earlier: Assessment[] }>(world, "GET", "/tenant/assessment");
    const [past, due] = body.earlier;
    expect(past).toMatchObject({ at: "2023-07", by: null, result: "Advisory", deidentified: true });
    expect(past?.checks[0]).toEqual({
      id: "updateRings",
      area: "Intune",
      name: "Update rings for Windows",
      result: "Advisory",
    });
    expect(due).toMatchObject({ by: { id: "function-key" }, deidentified: false });
    expect(due?.checks[0]).toMatchObject({ subjects: ["Our own ring: all devices"] });
  });

  it("row 39: enrols with an Advisory", async () => {
    expect((await enrol(world)).body).toMatchObject({ enrolment: "enrolled", status: "Active" });
  });

  it("row 39: begins anew with the directory groups it has", async () => {
    // They have checked in since.
    addDevices(world, 1, 2);
    await autopatchGroup(world, definitionOf("Sales", sources));
    const devices = await devicesOf(world, "?top=1000");
    expect(devices.map(({ status, ring }) => [status, ring])).toEqual([
      ["Registered", "Test"],
      ["Registered", "Last"],
    ]);
  });
});
