import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureExpediteProfile, removeExpediteProfiles } from "../../../../shared/graph/expedite-profiles.js";
import { INTUNE } from "../../infra/local/tenant/support.js";
import { emulated, persistently } from "./emulated.js";

const PROFILES = `${INTUNE}/windowsQualityUpdateProfiles`;
type Setup = Awaited<ReturnType<typeof emulated>>;
let setup: Setup;

interface Profile {
  readonly id: string;
  readonly expeditedUpdateSettings: { readonly daysUntilForcedReboot: number };
  readonly assignments: readonly { readonly target: { readonly "@odata.type": string; readonly groupId: string } }[];
}

async function profiles(): Promise<Profile[]> {
  const { json } = await setup.test.get(`${PROFILES}?$expand=assignments`);
  return json.value as Profile[];
}

const desired = (over: object = {}) => ({
  ...{ ring: setup.ring, purpose: "expedite r1", releaseDate: "2024-06-11", daysUntilForcedReboot: 1 },
  ...{ included: [setup.ring.entraGroupId], excluded: [], ...over },
});
const ensure = (over: object = {}) => persistently(setup.test, () => ensureExpediteProfile(setup.graph, desired(over)));

beforeEach(async () => {
  setup = await emulated(25);
});
afterEach(async () => {
  await setup?.test.discard();
});

describe("the expedite profile of a ring", () => {
  it("is made once and assigned, so that its devices are told of it", async () => {
    await ensure();
    await ensure();
    expect(await profiles()).toMatchObject([{ expeditedUpdateSettings: { daysUntilForcedReboot: 1 } }]);
    const [device] = setup.devices;
    expect(setup.test.tenant.view(device?.deviceId ?? "").expedite).toMatchObject({ daysUntilForcedReboot: 1 });
  });

  it("follows other days and another reach; those that a hold keeps back are left out", async () => {
    await ensure();
    const held = await setup.test.group("held", [setup.devices[0]?.objectId ?? ""]);
    setup.test.pass(60);
    await ensure({ daysUntilForcedReboot: 0, excluded: [held] });
    const [profile, ...others] = await profiles();
    expect(others).toEqual([]);
    expect(profile?.expeditedUpdateSettings.daysUntilForcedReboot).toBe(0);
    expect(profile?.assignments.map(({ target }) => target["@odata.type"].split(".").at(-1))).toEqual([
      "groupAssignmentTarget",
      "exclusionGroupAssignmentTarget",
    ]);
    const view = (nth: number) => setup.test.tenant.view(setup.devices[nth]?.deviceId ?? "").expedite;
    expect([view(0), view(1)?.daysUntilForcedReboot]).toEqual([undefined, 0]);
  });

  it("is one in the end, however the answers of Graph are lost", async () => {
    setup.test.tenant.faults.set({
      unavailableAfterWrite: 0.4,
      resetAfterWrite: 0.3,
      throttle: { rate: 0.3, retryAfterSeconds: 1 },
    });
    await ensure();
    setup.test.tenant.faults.set({});
    expect(await profiles()).toHaveLength(1);
  });

  it("is deleted, whoever deleted it before, and those of other purposes stay", async () => {
    await ensure();
    await ensure({ purpose: "expedite r2" });
    for (let twice = 0; twice < 2; twice++) {
      await persistently(setup.test, () => removeExpediteProfiles(setup.graph, desired()));
    }
    expect(await profiles()).toHaveLength(1);
  });
});
