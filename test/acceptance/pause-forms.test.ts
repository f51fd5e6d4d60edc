import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "../../shared/calendar/days.js";
import { call } from "../support/api.js";
import { editAccepted } from "../support/groups.js";
import { type ReleaseAnswer, releaseOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const UPDATE = "2024.06 B";

/** A bad update that the service pauses, in a group one ring of which the tenant has paused before. */
let world: World;
beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    devices: 200,
    gate: "enforce",
    scenario: "bad-update",
    parameters: { rate: 0.6, silentShare: 0 },
  });
  const atOnce = { qualityDeferralDays: 0 };
  await editAccepted(world, { rings: { Ring1: atOnce, Ring2: atOnce } });
  await runTo(world, B + 60 * 60 * 1000);
});
afterAll(() => world?.stop());

const june = (): Promise<ReleaseAnswer> => releaseOf(world, UPDATE);
const statuses = async () => Object.fromEntries((await june()).rings.map(({ name, status }) => [name, status]));

async function command(what: string, body: object, ring?: string) {
  const { id } = await june();
  const path = ring === undefined ? `/releases/${id}/${what}` : `/releases/${id}/rings/${ring}/${what}`;
  const answer = await call(world, "POST", path, body);
  await world.settle();
  return answer;
}

describe("The form of a pause", () => {
  it("row 60: related to Windows Update it demands an explanation, and changes nothing without one", async () => {
    const before = await statuses();
    const { status, body } = await command("pause", { relatedToWindowsUpdate: true, justification: "help desk" });
    expect([status, body.field]).toEqual([400, "details"]);
    expect((await command("pause", { relatedToWindowsUpdate: true, details: " " })).status).toBe(400);
    expect(await statuses()).toEqual(before);
  });

  it("row 60: takes a justification, which the audit log keeps", async () => {
    const body = { justification: "quarter end", relatedToWindowsUpdate: true, details: "printers fail since June" };
    expect((await command("pause", body, "Ring3")).status).toBe(202);
    const entries = await world.api.all<{ action: string; justification?: string }>("/audit?month=2024-06");
    expect(entries.filter(({ action }) => action === "release.pause")).toMatchObject([
      { justification: "quarter end" },
    ]);
  });
});

describe("Pauses of tenant and service", () => {
  it("row 59: a ring that an administrator pauses is Paused by Tenant, and the others go on", async () => {
    const { Ring3, ...others } = await statuses();
    expect(Ring3).toBe("Paused by Tenant");
    expect(Object.values(others).filter((status) => String(status).startsWith("Paused"))).toEqual([]);
  });

  it("row 59: the service pauses the other rings and leaves the tenant's pause as it is", async () => {
    for (let day = 1; !(await june()).needsPerson; day++) {
      if (day > 10) throw new Error(`It is not paused: ${JSON.stringify((await june()).gate)}`);
      await runTo(world, B + day * DAY_MS);
    }
    const service = "Paused by Service";
    const expected = { Test: service, Ring1: service, Ring2: service, Ring3: "Paused by Tenant", Last: service };
    expect(await statuses()).toEqual(expected);
  });

  it("row 59: when the tenant's pause is lifted, the service's is left", async () => {
    expect((await command("resume", { lifts: "tenant" }, "Ring3")).status).toBe(202);
    expect((await statuses()).Ring3).toBe("Paused by Service");
  });
});
