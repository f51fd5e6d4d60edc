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
import { listReleases } from "../../shared/releases/store.js";
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

/** Starts a release for every driver that a group has approved since, which measures it there. Returns how many. */
export const startDriverReleases = activity({
  name: "startDriverReleases",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    const graph = graphClient();
    const known = new Set(
      (await listReleases())
        .filter(({ update }) => workloadOf(update) === Workload.driver)
        .map(({ groupId, update }) => `${groupId} ${update.catalogEntryId}`),
    );
    let started = 0;
    for (const group of await listGroups()) {
      if (group.status !== GroupStatus.active || !group.definition.updateTypes.driver) continue;
      for (const driver of driversOf(await readDriverPolicies(graph, group))) {
        const update = known.has(`${group.id} ${driver.id}`) ? undefined : driverUpdateOf(driver, at);
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
