import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOUR_MS } from "../../shared/calendar/days.js";
import { call } from "../support/api.js";
import { answerExpedite, askForExpedite, expediteDevicesOf, expediteOf } from "../support/expedites.js";
import { GraphReader, intuneRings } from "../support/graph.js";
import { releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
const ASKED = B + 2 * HOUR_MS;
const KB = "KB5039212";
const EVERYBODY = { kb: KB, groups: ["workforce"], daysUntilForcedReboot: 0 };

interface Profile {
  readonly displayName: string;
  readonly expeditedUpdateSettings: { readonly qualityUpdateRelease: string; readonly daysUntilForcedReboot: number };
  readonly assignments: readonly { readonly target: { readonly groupId: string } }[];
}

let world: World;
let graph: GraphReader;
let id: string;
const release = () => releaseOf(world, "2024.06 B");
const profiles = async (): Promise<Record<string, Profile>> => {
  const path = "beta/deviceManagement/windowsQualityUpdateProfiles?$expand=assignments";
  const found = await graph.list<Profile>(path);
  return Object.fromEntries(
    found.map((profile) => [/- (.+) expedite /.exec(profile.displayName)?.[1] ?? profile.displayName, profile]),
  );
};
const ringsWithProfile = async () => Object.keys(await profiles()).sort();
const command = async (path: string) => {
  await world.api.send("POST", path, {});
  await world.settle();
};

beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    devices: 100,
    parameters: { offlineShare: 0 },
  });
  graph = new GraphReader(world);
  await runTo(world, ASKED);
});
afterAll(() => world?.stop());

describe("Expedite policy", () => {
  it("row 64: the two latest security releases may be chosen", async () => {
    const { value } = await world.api.get<{ value: { name: string; kbs: string[] }[] }>("/expedites/candidates");
    expect(value.map(({ name }) => name)).toEqual(["2024.06 B", "2024.05 B"]);
    expect(value[0]?.kbs).toContain(KB);
  });

  it.each([
    ["three days until the restart", { ...EVERYBODY, daysUntilForcedReboot: 3 }, 400, "daysUntilForcedReboot"],
    ["less than none", { ...EVERYBODY, daysUntilForcedReboot: -1 }, 400, "daysUntilForcedReboot"],
    ["two updates at once", { ...EVERYBODY, build: "10.0.22631.3593" }, 400, ""],
    ["an older security release", { kb: "KB5036893", groups: ["workforce"] }, 422, "kb"],
    ["a preview that a security release has followed", { kb: "KB5037853", groups: ["workforce"] }, 422, "kb"],
    ["a group that there is not", { kb: KB, groups: ["nobody"] }, 422, "groups"],
  ])("row 64: %s: refused, and nothing is requested", async (_what, body, status, field) => {
    const answer = await call(world, "POST", "/expedites", body);
    expect([answer.status, answer.body.field]).toEqual([status, field]);
    expect((await world.api.get<{ value: unknown[] }>("/expedites")).value).toEqual([]);
  });

  it("row 64: it is validated, and changes nothing while people are asked, nor when they reject it", async () => {
    id = await askForExpedite(world, EVERYBODY);
    expect(await expediteOf(world, id)).toMatchObject({
      ...{ status: "awaitingApproval", daysUntilForcedReboot: 0, update: { name: "2024.06 B" } },
      ...{ readiness: { devices: 100, ready: 100, notReady: {} }, devices: { Pending: { devices: 100 } } },
    });
    await answerExpedite(world, id, "reject");
    expect(await expediteOf(world, id)).toMatchObject({ status: "rejected", releases: [] });
    expect(await ringsWithProfile()).toEqual([]);
    expect(ringOf(await release(), "Ring3").status).toBe("Upcoming");
  });

  it("row 64: approved, a profile with its days reaches the ring that is open", async () => {
    id = await askForExpedite(world, EVERYBODY);
    await answerExpedite(world, id, "approve");
    expect(await ringsWithProfile()).toEqual(["Test"]);
    const { Test } = await profiles();
    expect(Test?.expeditedUpdateSettings).toMatchObject({
      qualityUpdateRelease: "2024-06-11T00:00:00Z",
      daysUntilForcedReboot: 0,
    });
    expect(Test?.assignments).toHaveLength(1);
    const states = (await expediteDevicesOf(world, id, "Pending")).map(({ substate }) => substate);
    expect(new Set(states)).toEqual(new Set(["Scheduled"]));
  });

  it("row 64: profiles follow as rings open, at 6 and 12 hours after the first offer", async () => {
    await runTo(world, B + 6 * HOUR_MS);
    expect(await ringsWithProfile()).toEqual(["Ring1", "Test"]);
    await runTo(world, B + 12 * HOUR_MS);
    expect(await ringsWithProfile()).toEqual(["Last", "Ring1", "Ring2", "Ring3", "Test"]);
    expect((await expediteDevicesOf(world, id, "Offering")).map(({ substate }) => substate)).toContain("OfferReady");
  });

  it("row 64: the rings' own settings stay", async () => {
    const { Ring3 } = await intuneRings(graph);
    expect([Ring3?.qualityUpdatesDeferralPeriodInDays, Ring3?.deadlineForQualityUpdatesInDays]).toEqual([9, 5]);
  });

  it("row 64: a paused ring loses its profile, and gets it again when it is resumed", async () => {
    const { id: releaseId } = await release();
    await command(`/releases/${releaseId}/rings/Ring2/pause`);
    expect(await ringsWithProfile()).toEqual(["Last", "Ring1", "Ring3", "Test"]);
    await command(`/releases/${releaseId}/rings/Ring2/resume`);
    expect(await ringsWithProfile()).toEqual(["Last", "Ring1", "Ring2", "Ring3", "Test"]);
  });

  it("row 64: devices go through Offering and Installing to Installed, with their substates", async () => {
    await runTo(world, B + 36 * HOUR_MS);
    const devices = await expediteDevicesOf(world, id);
    const installing = devices.filter(({ state }) => state === "Installing").map(({ substate }) => substate);
    const all = ["OfferReceived", "DownloadStart", "InstallStart", "RestartRequired"];
    expect(installing.filter((substate) => !all.includes(substate))).toEqual([]);
    expect(installing.length).toBeGreaterThan(0);
    const installed = devices.filter(({ state }) => state === "Installed");
    expect(new Set(installed.map(({ substate }) => substate))).toEqual(new Set(["UpdateInstalled"]));
    const { devices: counts } = await expediteOf(world, id);
    expect(counts.Installed?.devices).toBe(installed.length);
    expect(Object.values(counts).reduce((sum, each) => sum + each.devices, 0)).toBe(100);
  });

  it("row 64: an update that is expedited is installed within a day and a half, whatever the ring's deadline", async () => {
    const builds = (await release()).update.revisions.map(({ build }) => build);
    const installed = world.fleet.truth(builds).filter(({ state }) => state === "installed");
    expect(installed.length).toBeGreaterThanOrEqual(90);
  });

  it("row 64: cancelled, its profiles are gone and the release goes on", async () => {
    await command(`/expedites/${id}/cancel`);
    expect(await expediteOf(world, id)).toMatchObject({ status: "cancelled" });
    expect(await ringsWithProfile()).toEqual([]);
    expect(await release()).toMatchObject({ status: "Active", outcome: null, expedite: { id } });
    expect(ringOf(await release(), "Ring3").status).toBe("Active");
  });
});
