import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { GraphReader } from "../support/graph.js";
import { editAccepted, GROUP } from "../support/groups.js";
import {
  groupsOfIntunePolicy,
  groupsOfUpdatePolicy,
  INTUNE_POLICIES,
  membersOf,
  releasePolicy,
  UPDATE_POLICIES,
} from "../support/offers.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");
const OPENS = addDays(B, 5);
const INTERVAL_HOURS = 12;
const NEXT = OPENS + INTERVAL_HOURS * HOUR_MS;

const MODELS = [
  { model: "update policies", fault: {}, collection: UPDATE_POLICIES, groupsOf: groupsOfUpdatePolicy },
  {
    model: "Intune policies, where update policies are forbidden",
    fault: { groupModel: "forbidden" },
    collection: INTUNE_POLICIES,
    groupsOf: groupsOfIntunePolicy,
  },
] as const;

describe.each(MODELS)("A ring of two waves by $model", ({ fault, collection, groupsOf }) => {
  let world: World;
  let graph: GraphReader;
  let ringGroup: string;
  beforeAll(async () => {
    world = await startWorld({ from: "2024-06-11T00:00Z", devices: 70, releasesOnly: true, tenantFaults: fault });
    graph = new GraphReader(world);
    await editAccepted(world, { rings: { Ring2: { waves: [0.1, 0.9], waveIntervalHours: INTERVAL_HOURS } } });
    ringGroup = (await world.api.get<StoredGroup>(GROUP)).bindings.Ring2?.entraGroupId ?? "";
    await runTo(world, OPENS + HOUR_MS);
  });
  afterAll(() => world?.stop());

  const current = () => releaseOf(world, UPDATE);
  const rows = async (release: ReleaseAnswer) => deviceRows(world, release.id, "Ring2");
  async function assigned(release: ReleaseAnswer): Promise<string[]> {
    const policy = await releasePolicy(graph, collection, release, "Ring2");
    return policy === undefined ? [] : groupsOf(graph, policy.id);
  }

  it("offers a tenth of the ring first, through a directory group of exactly these devices", async () => {
    const release = await current();
    const first = (await rows(release)).filter(({ wave }) => wave === 0);
    expect(ringOf(release, "Ring2")).toMatchObject({
      size: 10,
      offered: 1,
      notOffered: 9,
      waves: { planned: 2, opened: 1 },
    });
    const groups = await assigned(release);
    expect(groups).toHaveLength(1);
    expect(groups).not.toContain(ringGroup);
    expect(await membersOf(graph, groups[0] ?? "")).toEqual(first.map(({ objectId }) => objectId).sort());
    const devices = (await rows(release)).map(({ deviceId }) => deviceId);
    expect(offeredTo(world, release, devices)).toEqual(first.map(({ deviceId }) => deviceId));
  });

  it("waits the whole interval before the second wave", async () => {
    await runTo(world, NEXT - 60_000);
    expect(ringOf(await current(), "Ring2")).toMatchObject({ waves: { opened: 1 } });
  });

  it("offers the rest with the last wave, through the group of the ring itself", async () => {
    await runTo(world, NEXT + HOUR_MS);
    const release = await current();
    expect(ringOf(release, "Ring2")).toMatchObject({ offered: 10, notOffered: 0, waves: { opened: 2 } });
    expect(await assigned(release)).toEqual([ringGroup]);
    const late = (await rows(release)).filter(({ wave }) => wave === 1).map(({ deviceId }) => deviceId);
    expect(late).toHaveLength(9);
    expect(offeredTo(world, release, late)).toEqual(late);
  });

  it("makes the policy that somebody deleted again when the ring is resumed, with its groups", async () => {
    const release = await current();
    await world.api.send("POST", `/releases/${release.id}/rings/Ring2/pause`, {});
    await world.settle();
    const policy = await releasePolicy(graph, collection, release, "Ring2");
    await graph.delete(`${collection}/${policy?.id}`);
    await world.api.send("POST", `/releases/${release.id}/rings/Ring2/resume`, {});
    await world.settle();
    expect(await assigned(release)).toEqual([ringGroup]);
    const devices = (await rows(release)).map(({ deviceId }) => deviceId);
    expect(offeredTo(world, release, devices)).toEqual(devices);
  });

  it("leaves neither policy nor wave group behind when the release is cancelled", async () => {
    const release = await current();
    await world.api.send("POST", `/releases/${release.id}/cancel`, { justification: "Not this month." });
    await runTo(world, NEXT + 2 * HOUR_MS);
    expect(await current()).toMatchObject({ outcome: "cancelled", problem: null });
    expect(await releasePolicy(graph, collection, release, "Ring2")).toBeUndefined();
    const groups = await graph.list<{ displayName: string }>("v1.0/groups");
    expect(groups.filter(({ displayName }) => displayName.includes("wave"))).toEqual([]);
  });
});
