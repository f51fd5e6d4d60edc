import * as df from "durable-functions";
import { GroupStatus, listGroups } from "../shared/groups/store.js";
import { isActive, tenantState } from "../shared/tenant/state.js";
import { startOnce } from "../workflows/client.js";
import { DRIVERS } from "../workflows/names.js";

/**
 * Every hour, for devices are offered drivers as soon as these are approved: what has been approved since. Nothing is
 * asked of Graph while no group has driver updates.
 */
df.app.client.timer("driversHourly", {
  schedule: "0 10 * * * *",
  handler: async (_timer, client) => {
    if (!isActive(await tenantState())) return;
    const hasDrivers = (await listGroups()).some(
      ({ status, definition }) => status === GroupStatus.active && definition.updateTypes.driver,
    );
    if (hasDrivers) await startOnce(client as df.DurableClient, DRIVERS, "drivers", {});
  },
});
