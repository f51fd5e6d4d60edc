import type * as df from "durable-functions";
import { Enrolment, type TenantState, TenantStatus } from "../shared/tenant/schema.js";
import { startOnce } from "./client.js";
import { TENANT_UNENROL, TENANT_WATCH } from "./names.js";

/** Sees to it that what the tenant's state asks for is running: the hourly check, or the deletion of its data. */
export async function followUp(client: df.DurableClient, { enrolment, status }: TenantState): Promise<void> {
  if (enrolment === Enrolment.leaving) await startOnce(client, TENANT_UNENROL, "tenant-unenrol", {});
  if (enrolment !== Enrolment.enrolled || status !== TenantStatus.inactive) return;
  await startOnce(client, TENANT_WATCH, "tenant-watch", {});
}
