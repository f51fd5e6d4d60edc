import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import { answerExpedite, type ExpediteAnswer, expediteOf, sendWebhook } from "../support/expedites.js";
import { GraphReader, intuneRings } from "../support/graph.js";
import { editAccepted } from "../support/groups.js";
import { type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const B = instant("2024-06-11T17:00Z");
/** A day later Test and Ring1 have passed; nothing is known of Ring2, Ring3 and Last yet. */
const ASKED = addDays(B, 1) + 2 * HOUR_MS;
const KB = "KB5039212";
/** 72 hours of domain time: an expedited update is on nine of ten active devices by then. */
const WITHIN_HOURS = 72;

let world: World;
let graph: GraphReader;
let id: string;
const release = (): Promise<ReleaseAnswer> => releaseOf(world, "2024.06 B");
const expedite = (): Promise<ExpediteAnswer> => expediteOf(world, id);
const values = async (ring: string) => {
  const found = (await intuneRings(graph))[ring];
  return [
    found?.qualityUpdatesDeferralPeriodInDays,
    found?.deadlineForQualityUpdatesInDays,
    found?.deadlineGracePeriodInDays,
  ];
};

beforeAll(async () => {
  world = await startWorld({
    from: "2024-06-11T00:00Z",
    releasesOnly: true,
    // The daily survey is what a silent weekend is measured by once everybody has been offered the update.
    appSettings: { "AzureWebJobs.discoveryDaily.Disabled": "false", EXPEDITE_WATCH: "both" },
    devices: 200,
    gate: "enforce",
    parameters: { offlineShare: 0 },
  });
  graph = new GraphReader(world);
  await runTo(world, ASKED - HOUR_MS);
});
afterAll(() => world?.stop());

const watched = async () => {
  const { value } = await world.api.get<{ value: ExpediteAnswer[] }>("/expedites");
  return value.filter(({ source, update }) => (source === "msrc" || source === "kev") && update?.name === "2024.06 B");
};

describe("Service expedite", () => {
  it("row 63: an exploited vulnerability on the public lists requests it, once, and people are asked", async () => {
    expect(await watched()).toMatchObject([
      { source: "msrc", status: "awaitingApproval", requestedBy: "Ringmaster", daysUntilForcedReboot: null },
    ]);
    const [request] = await watched();
    expect(request?.justification).toContain(request?.update?.exploited[0] ?? "nothing is exploited");
    expect(instant(request?.requestedAt ?? "")).toBeLessThanOrEqual(B + 6 * HOUR_MS);
  });

  it("row 63: while the toggle is off, a request changes nothing", async () => {
    await editAccepted(world, { definition: { expeditedQualityUpdates: false } });
    const { status, body } = await sendWebhook(world, { kb: KB });
    expect(status).toBe(202);
    await world.settle();
    expect(await expediteOf(world, body.id)).toMatchObject({ status: "refused" });
    expect((await release()).rings.map(({ status: shown }) => shown)).not.toContain("Expedited");
    await editAccepted(world, { definition: { expeditedQualityUpdates: true } });
  });

  it("row 63: a signed webhook starts it, and it waits for people", async () => {
    await runTo(world, ASKED);
    const { status, body } = await sendWebhook(world, { kb: KB, justification: "exploited here" });
    id = body.id;
    await world.settle();
    expect(status).toBe(202);
    expect(await expedite()).toMatchObject({ status: "awaitingApproval", update: { name: "2024.06 B" } });
    expect(await values("Ring3")).toEqual([9, 5, 2]);
  });

  it("row 63: approved, every ring but Test opens at once or within 12 hours, with 0/1/1", async () => {
    await answerExpedite(world, id, "approve");
    const rings = (await release()).rings;
    for (const name of ["Ring1", "Ring2", "Ring3", "Last"]) {
      const ring = ringOf(await release(), name);
      expect([name, ring.deferralDays, ring.deadlineDays, ring.graceDays]).toEqual([name, 0, 1, 1]);
      expect(instant(ring.opensAt)).toBeLessThanOrEqual(ASKED + 12 * HOUR_MS);
    }
    const test = rings.find(({ name }) => name === "Test");
    expect([test?.deadlineDays, test?.graceDays]).toEqual([0, 0]);
    expect(await values("Ring3")).toEqual([0, 1, 1]);
    expect(await values("Test")).toEqual([0, 0, 0]);
  });

  it("row 63: the gate allows four times the exposure, and goes on measuring", async () => {
    const { gate } = await release();
    expect(gate.offers).toMatchObject({ harmBound: 80 });
  });

  it("row 63: nine of ten devices have it within 72 hours", async () => {
    await runTo(world, ASKED + WITHIN_HOURS * HOUR_MS);
    const builds = (await release()).update.revisions.map(({ build }) => build);
    const truth = world.fleet.truth(builds);
    const share = truth.filter(({ state }) => state === "installed").length / truth.length;
    expect(share).toBeGreaterThanOrEqual(0.9);
  });

  it("row 63: the lists, read every six hours, request nothing twice", async () => {
    expect(await watched()).toHaveLength(1);
  });

  it("row 63: once it is over, the rings have their own values again", async () => {
    await world.api.send("POST", `/expedites/${id}/cancel`, {});
    await world.settle();
    expect(await expedite()).toMatchObject({ status: "cancelled" });
    expect(await values("Ring3")).toEqual([9, 5, 2]);
  });
});
