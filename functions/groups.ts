import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { AppError } from "../shared/errors.js";
import { graphClient } from "../shared/graph/client.js";
import { groupsToRestore } from "../shared/groups/ring-groups.js";
import { GroupStatus, knownGroups, listGroups } from "../shared/groups/store.js";
import { startProvisioning, startRemoval } from "../workflows/group-start.js";

/** Every hour: directory groups that were lost or renamed are made good, and their policies with them (row 99). */
df.app.client.timer("groupsRestore", {
  schedule: "0 10 * * * *",
  handler: async (_timer, client, context) => {
    try {
      for (const id of await groupsToRestore(graphClient(), await knownGroups())) {
        await startProvisioning(client as df.DurableClient, id, `restore-${clock.iso().slice(0, 13)}`);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      context.log(`directory groups were not looked at: ${error.message}`);
    }
  },
});

/** Four times a day, should what brings a group to the tenant, or removes it, never have started or ended too early. */
df.app.client.timer("unfinishedGroups", {
  schedule: "0 50 3,9,15,21 * * *",
  handler: async (_timer, given) => {
    const client = given as df.DurableClient;
    for (const { id, status } of await listGroups()) {
      if (status === GroupStatus.creating) await startProvisioning(client, id, "unfinished");
      if (status === GroupStatus.deleting) await startRemoval(client, id);
    }
  },
});
