import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { discoverChanges, startDiscovery } from "../workflows/discovery.js";

/** Every hour: changes of the directory groups that feed rings, and of the rings' own (autopatch.md §3.1, §2.5). */
df.app.client.timer("discoveryHourly", {
  schedule: "0 10 * * * *",
  handler: async (_timer, client) => discoverChanges(client as df.DurableClient, clock.now()),
});

/** Once a day everything: what Intune says of a device changes no group. */
df.app.client.timer("discoveryDaily", {
  schedule: "0 20 4 * * *",
  handler: async (_timer, client) => {
    await startDiscovery(client as df.DurableClient);
  },
});
