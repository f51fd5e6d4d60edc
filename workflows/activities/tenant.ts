import * as df from "durable-functions";
import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { reopenLedger } from "../../shared/ledger/index.js";
import { emptyTable } from "../../shared/store/empty-table.js";
import { checkTenant } from "../../shared/tenant/check.js";
import { finishLeaving } from "../../shared/tenant/leave.js";
import { TenantStatus } from "../../shared/tenant/schema.js";
import { SERVICE_TABLES } from "../../shared/tenant/service-data.js";
import { activity } from "../durable.js";

const { Running, Pending, ContinuedAsNew, Suspended, Completed, Failed, Terminated } = df.OrchestrationRuntimeStatus;

/** Checks licences and consent. Returns whether the tenant is still Inactive. */
export const checkAgain = activity({
  name: "tenantStillInactive",
  input: z.object({}),
  run: async () => (await checkTenant(clock.now())).status === TenantStatus.inactive,
});

/** Ends everything that runs for the tenant but the leaving itself, and forgets the histories of what has ended. */
export const endWork = activity({
  name: "tenantEndWork",
  input: z.object({ self: z.string().min(1) }),
  run: async ({ self }, { client }) => {
    const running = await client.getStatusBy({ runtimeStatus: [Running, Pending, ContinuedAsNew, Suspended] });
    for (const { instanceId } of running) {
      if (instanceId !== self) await client.terminate(instanceId, "The tenant has left the service.");
    }
    await client.purgeInstanceHistoryBy({
      createdTimeFrom: new Date(0),
      runtimeStatus: [Completed, Failed, Terminated],
    });
  },
});

export const deleteServiceData = activity({
  name: "tenantDeleteServiceData",
  input: z.object({ table: z.enum(SERVICE_TABLES) }),
  run: async ({ table }) => {
    await emptyTable(table);
    reopenLedger();
  },
});

export const concludeLeaving = activity({
  name: "tenantLeft",
  input: z.object({}),
  run: (_input, { at }) => finishLeaving(at),
});
