import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudience, ensureAudience } from "../../../../shared/graph/deployments/audiences.js";
import { findContent } from "../../../../shared/graph/deployments/content.js";
import {
  deleteDeployment,
  ensureDeployment,
  listDeployments,
} from "../../../../shared/graph/deployments/deployments.js";
import { settingsBody } from "../../../../shared/graph/deployments/settings.js";
import { items, UPDATES } from "../../infra/local/tenant/support.js";
import { emulated, persistently } from "./emulated.js";

const SETTINGS = {
  ...{ startAt: null, rollout: null, rule: null, expedite: null },
  ...{ offerAsOptional: false, ignoresLikelyIssues: false },
} as const;
const RATE = { kind: "rate", daysBetweenOffers: 2, devicesPerOffer: 100 } as const;
const RULE = { signal: "rollback", threshold: 5, action: "pauseDeployment" } as const;

let tenant: Awaited<ReturnType<typeof emulated>>;
let catalogEntryId: string;
let audienceId: string;
beforeEach(async () => {
  tenant = await emulated(2, { at: "2024-11-18T12:00:00Z" });
  const entries = items(await tenant.test.get(`${UPDATES}/catalog/entries?$top=500`));
  catalogEntryId = String(entries.find(({ version }) => version === "Windows 11, version 24H2")?.id);
  audienceId = await createAudience(tenant.graph);
});
afterEach(() => tenant.test.discard());

const ensure = (settings: Parameters<typeof settingsBody>[0], paused = false) => {
  const desired = { audienceId, category: "feature", catalogEntryId, settings, paused } as const;
  return persistently(tenant.test, () => ensureDeployment(tenant.graph, desired));
};
const deployments = () => listDeployments(tenant.graph, audienceId);

describe("a deployment in the tenant", () => {
  it("spells the rate as Graph does, for another spelling would offer everybody at once", async () => {
    const body = settingsBody({ ...SETTINGS, rollout: RATE });
    expect(body).toMatchObject({
      schedule: { gradualRollout: { devicesPerOffer: 100, durationBetweenOffers: "P2D" } },
    });
    expect((await ensure({ ...SETTINGS, rollout: RATE })).settings.rollout).toEqual(RATE);
  });

  it("is made once, and settings that are switched off go", async () => {
    await ensure({ ...SETTINGS, rollout: RATE, rule: RULE, ignoresLikelyIssues: true });
    await ensure(SETTINGS);
    expect(await deployments()).toMatchObject([{ settings: SETTINGS }]);
  });

  it("is reduced to the oldest where a lost answer made two", async () => {
    const { id } = await ensure(SETTINGS);
    tenant.test.pass(60);
    const content = { catalogEntry: { id: catalogEntryId } };
    await tenant.test.post(`${UPDATES}/deployments`, { content, audience: { id: audienceId } });
    await ensure(SETTINGS);
    expect((await deployments()).map((each) => each.id)).toEqual([id]);
  });

  it("is paused again after a write that Graph accepted and never carried out", async () => {
    await ensure(SETTINGS);
    const deaf = { ...tenant.graph, patch: async () => ({ status: 202, body: undefined }) };
    const desired = { audienceId, category: "feature", catalogEntryId, settings: SETTINGS, paused: true } as const;
    await expect(ensureDeployment(deaf, desired)).rejects.toMatchObject({ code: "not_yet_consistent" });
    expect((await ensure(SETTINGS, true)).state.requestedValue).toBe("paused");
  });

  it("takes what is known of its content from the catalogue, for the entry that it embeds is hollow", async () => {
    const { content } = await ensure(SETTINGS);
    expect(content).toEqual({ catalogEntry: { id: catalogEntryId } });
    expect(await findContent(tenant.graph, catalogEntryId)).toMatchObject({
      ...{ category: "feature", name: "Windows 11, version 24H2", builds: ["26100"] },
      deployableUntil: Date.parse("2027-10-12T00:00:00Z"),
    });
  });

  it("that is deleted twice is gone", async () => {
    const { id } = await ensure(SETTINGS);
    await deleteDeployment(tenant.graph, id);
    await deleteDeployment(tenant.graph, id);
    expect(await deployments()).toEqual([]);
  });
});

describe("an audience", () => {
  it("has its members enrolled, and says which device could not be registered", async () => {
    const [device] = tenant.devices;
    const unknown = "11111111-0000-4000-a000-000000000000";
    const wanted = { members: [device?.deviceId ?? "", unknown], exclusions: [] };
    const unregistered = await persistently(tenant.test, () =>
      ensureAudience(tenant.graph, audienceId, wanted, "feature"),
    );
    expect(unregistered).toEqual([{ deviceId: unknown, reason: "invalidAzureADDeviceId" }]);
    const { json } = await tenant.test.get(`${UPDATES}/updatableAssets/${device?.deviceId}`);
    expect(json.enrollment).toMatchObject({ feature: { enrollmentState: "enrolled" } });
  });
});
