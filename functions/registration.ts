import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { discoverChanges, discoverEverything } from "../workflows/discovery.js";

/** Every hour: changes of the directory groups that feed rings, and of the rings' own (autopatch.md §3.1, §2.5, §2.6). */
df.app.client.timer("discoveryHourly", {
  schedule: "0 10 * * * *",
  handler: async (_timer, client) => discoverChanges(client as df.DurableClient, clock.now()),
});

/** Every 24 hours everything, readiness included: what Intune says of a device changes no group (§3.1, §3.7). */
df.app.client.timer("discoveryDaily", {
  schedule: "0 20 4 * * *",
  handler: async (_timer, client) => discoverEverything(client as df.DurableClient, clock.now()),
});
