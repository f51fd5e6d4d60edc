import * as df from "durable-functions";
import { GroupStatus, listGroups } from "../shared/groups/store.js";
import { startProvisioning, startRemoval } from "../workflows/group-start.js";

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
