import { z } from "zod";
import { listApprovals } from "../../shared/approvals/store.js";
import { driversOf } from "../../shared/drivers/driver.js";
import { driverApprovalIn } from "../../shared/drivers/mode.js";
import { readDriverPolicies } from "../../shared/drivers/policies.js";
import { awaitingReview, reviewQuestion } from "../../shared/drivers/review.js";
import { driverUpdateOf } from "../../shared/drivers/update.js";
import { graphClient } from "../../shared/graph/client.js";
import { DriverApproval } from "../../shared/groups/ring.js";
import { GroupStatus, listGroups, type StoredGroup } from "../../shared/groups/store.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { listReleases, type Release } from "../../shared/releases/store.js";
import { Workload, workloadOf } from "../../shared/updates/update.js";
import { startOnce } from "../client.js";
import { activity } from "../durable.js";
import { APPROVAL, approvalInstance, RELEASE } from "../names.js";
import { writeRelease } from "./catalogue.js";

/** Asks people about recommended drivers that wait for a review where drivers are approved by hand. Returns how many. */
export const askAboutDrivers = activity({
  name: "askAboutDrivers",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    const graph = graphClient();
    const asked = await listApprovals();
    let questions = 0;
    for (const group of await listGroups()) {
      if (group.status !== GroupStatus.active || !hasManualRing(group)) continue;
      const waiting = awaitingReview(driversOf(await readDriverPolicies(graph, group)));
      const question = reviewQuestion(group, waiting, asked, at);
      if (question === undefined) continue;
      await startOnce(client, APPROVAL, approvalInstance(question.id), { question });
      questions++;
    }
    return questions;
  },
});

function hasManualRing({ definition }: StoredGroup): boolean {
  return definition.rings.some(({ name }) => driverApprovalIn(definition, name) === DriverApproval.manual);
}

/**
 * Starts a release for every driver that a group has approved since, which measures it there, and another one where
 * people approve it in further rings later. Returns how many.
 */
export const startDriverReleases = activity({
  name: "startDriverReleases",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    const graph = graphClient();
    const measured = measuredRings(await listReleases());
    let started = 0;
    for (const group of await listGroups()) {
      if (group.status !== GroupStatus.active || !group.definition.updateTypes.driver) continue;
      for (const driver of driversOf(await readDriverPolicies(graph, group))) {
        const rings = measured.get(`${group.id} ${driver.id}`);
        // Where policies approve by themselves a ring comes later only for devices that were not there before.
        const isLater = (ring: string) => driverApprovalIn(group.definition, ring) === DriverApproval.manual;
        const update = driverUpdateOf(driver, at, (ring) => rings === undefined || (!rings.has(ring) && isLater(ring)));
        if (update === undefined) continue;
        await writeRelease(group, update, at);
        const releaseId = releaseIdOf(group.id, update);
        await startOnce(client, RELEASE, releaseId, { releaseId });
        started++;
      }
    }
    return started;
  },
});

/** Rings that releases of a driver are about, by group and driver. */
function measuredRings(releases: readonly Release[]): ReadonlyMap<string, ReadonlySet<string>> {
  const measured = new Map<string, Set<string>>();
  for (const { groupId, update, state } of releases) {
    if (workloadOf(update) !== Workload.driver) continue;
    const key = `${groupId} ${update.catalogEntryId}`;
    measured.set(key, new Set([...(measured.get(key) ?? []), ...state.rings.map(({ ring }) => ring)]));
  }
  return measured;
}
