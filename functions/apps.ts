import * as df from "durable-functions";
import { lookAtDefinitions } from "../shared/antivirus/alerts.js";
import { clock } from "../shared/clock.js";
import { config } from "../shared/config.js";
import { refreshEdgeVersions } from "../shared/edge/list.js";
import { listGroups } from "../shared/groups/store.js";
import { inTurn } from "../shared/in-turn.js";
import { forgetInventories } from "../shared/inventory/store.js";
import { lookAtHolds } from "../shared/microsoft-365-apps/hold-support.js";
import { refreshOfficeVersions } from "../shared/microsoft-365-apps/list.js";
import { listDevices } from "../shared/registration/store.js";
import { isServed, tenantState } from "../shared/tenant/state.js";
import { startOnce } from "../workflows/client.js";
import { APPS } from "../workflows/names.js";

/**
 * Every day: the age of antivirus definitions, and, where a group has the service manage such apps, the versions that
 * their publisher lists, and rings that are held at one that leaves support (autopatch.md §8). What fails keeps nothing else.
 */
df.app.client.timer("appsDaily", {
  schedule: "0 10 5 * * *",
  handler: async (_timer, client, context) => {
    if (!isServed(await tenantState())) return;
    const now = clock.now();
    const types = (await listGroups()).map(({ definition }) => definition.updateTypes);
    await inTurn([
      async () => {
        if (!types.some(({ microsoft365Apps }) => microsoft365Apps)) return;
        await refreshOfficeVersions(now);
        await lookAtHolds(now);
      },
      async () => {
        if (types.some(({ edge }) => edge)) await refreshEdgeVersions(now);
      },
      async () => {
        if (types.some(({ microsoft365Apps, edge }) => microsoft365Apps || edge))
          await startOnce(client as df.DurableClient, APPS, "apps", {});
      },
      async () => {
        for (const { groupName, stale, closed } of await lookAtDefinitions(now, config().ANTIVIRUS_STALE_DAYS)) {
          context.log(`antivirus: ${stale} devices of ${groupName} have stale definitions${closed ? ", closed" : ""}`);
        }
      },
      async () => {
        await forgetInventories(new Set((await listDevices()).map(({ deviceId }) => deviceId)), now);
      },
    ]);
  },
});
