import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { applyPhases } from "../../shared/feature-releases/apply.js";
import { endUninstalls, markGroups, startDuePhases } from "../../shared/feature-releases/automation.js";
import { commandsFor, isOf, newDates, newlyUninstalled, unmeasured } from "../../shared/feature-releases/measure.js";
import type { FeatureRelease } from "../../shared/feature-releases/release.js";
import { listFeatureReleases } from "../../shared/feature-releases/store.js";
import { featureUpdateOf } from "../../shared/feature-releases/update.js";
import { graphClient } from "../../shared/graph/client.js";
import { listGroups, type StoredGroup } from "../../shared/groups/store.js";
import { logCommand } from "../../shared/releases/commands.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { postToRing } from "../../shared/releases/ring-inbox.js";
import { listReleases, listRings, type Release } from "../../shared/releases/store.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse, startOnce, wake } from "../client.js";
import { activity } from "../durable.js";
import { startProvisioning } from "../group-start.js";
import { RELEASE, RING, ringInstance } from "../names.js";
import { writeRelease } from "./catalogue.js";

const scope = z.object({
  /** Whether phases that are due begin, and what is in the tenant is checked; else decisions alone are carried out. */
  automation: z.boolean(),
});

/** Begins the phases that are due, and ends uninstallations whose window is over. */
export const startFeaturePhases = activity({
  name: "startFeaturePhases",
  input: z.object({}),
  run: async (_input, { at }) => {
    await startDuePhases(at);
    await endUninstalls(at);
  },
});

/** Brings the policies and pauses of feature releases to the tenant. */
export const applyFeatureReleases = activity({
  name: "applyFeatureReleases",
  input: scope,
  run: ({ automation }) => applyPhases(graphClient(), clock.now(), automation ? "all" : "pending"),
});

/**
 * Starts a release in every group in which a phase has begun, which measures it there, and tells those that run what
 * people have decided about the phases since.
 */
export const measureFeatureReleases = activity({
  name: "measureFeatureReleases",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    const [features, groups, releases] = [await listFeatureReleases(), await listGroups(), await listReleases()];
    for (const { group, update } of unmeasured(features, groups, releases)) {
      await writeRelease(group, update, at);
      const releaseId = releaseIdOf(group.id, update);
      await startOnce(client, RELEASE, releaseId, { releaseId });
    }
    for (const release of releases) {
      const feature = features.find((each) => isOf(release, each));
      const group = groups.find(({ id }) => id === release.groupId);
      if (feature !== undefined && group !== undefined) await follow(client, release, feature, group, at);
    }
  },
});

async function follow(
  client: df.DurableClient,
  release: Release,
  feature: FeatureRelease,
  group: StoredGroup,
  at: number,
): Promise<void> {
  const update = featureUpdateOf(feature, group.id);
  const plans = update === undefined ? [] : workloadFor(update).plan(update, group);
  const rings = await listRings(release.id);
  for (const ring of newlyUninstalled(release, feature, rings)) {
    await postToRing(release.id, ring, { key: `uninstalled ${feature.id}`, event: { type: "uninstalled", at } });
    const ref = { releaseId: release.id, ring };
    await rouse(client, RING, ringInstance(release.id, ring), ref);
  }
  for (const plan of newDates(plans, rings)) {
    const key = `replanned ${new Date(plan.availableAt).toISOString()} ${plan.installDays}`;
    await postToRing(release.id, plan.ring, { key, event: { type: "replanned", at, plan } });
    await wake(client, ringInstance(release.id, plan.ring));
  }
  for (const command of commandsFor(release, feature, at)) {
    await logCommand(release.id, { key: `${command.kind} ${feature.id} ${at}`, actor: SERVICE, command });
    await rouse(client, RELEASE, release.id, { releaseId: release.id });
  }
}

/** Puts into the audit log what keeps feature releases from reaching the tenant; the next run tries again. */
export const noteFeatureProblem = activity({
  name: "noteFeatureProblem",
  input: z.object({ problem: z.string() }),
  run: ({ problem }, { at }) =>
    audit({
      ...{ at, actor: SERVICE, action: "featureRelease.apply.failed", target: "feature-release" },
      ...{ evidence: { problem }, key: "feature-releases" },
    }),
});

/** Takes standing policies from groups in a feature release, and gives them back to those that left. */
export const markFeatureGroups = activity({
  name: "markFeatureGroups",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    for (const groupId of await markGroups()) await startProvisioning(client, groupId, `feature-release-${at}`);
  },
});
