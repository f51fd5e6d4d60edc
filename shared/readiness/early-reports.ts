import { z } from "zod";
import { AppError } from "../errors.js";
import { joinText, splitText } from "../store/long-text.js";
import { type Operation, safeKey, scan, transactions } from "../store/table.js";
import { table } from "../store/tables.js";
import { READINESS_CHECKS } from "./checks.js";
import type { DeviceReport } from "./report.js";

const PARTITION = "early";
/** Days for which a report waits for its device to be discovered; the agent reports again only when something changes. */
const KEEP_DAYS = 30;

const found = z.union([z.string(), z.object({ name: z.string(), value: z.union([z.string(), z.number()]) })]);
const reportSchema = z.object({
  deviceId: z.string(),
  at: z.string(),
  checks: z.array(z.object({ check: z.enum(READINESS_CHECKS), passed: z.boolean(), reason: z.string().optional() })),
  updatePolicies: z.array(found).optional(),
  registry: z.array(found).optional(),
});

/** Keeps reports of devices that are not in the register yet; of each device the newest. */
export async function keepEarlyReports(reports: readonly DeviceReport[]): Promise<void> {
  if (reports.length === 0) return;
  const known = await earlyReports();
  const news = reports.filter(({ deviceId, at }) => at > (known.get(deviceId)?.at ?? ""));
  await commit(
    news.map((report) => {
      const values = splitText("body", JSON.stringify(report));
      return { kind: "upsert", rowKey: safeKey(report.deviceId), values };
    }),
  );
}

/** The reports that wait for their device, by its id. */
export async function earlyReports(): Promise<ReadonlyMap<string, DeviceReport>> {
  const reports = new Map<string, DeviceReport>();
  for await (const { values } of scan(await table("Readiness"), PARTITION)) {
    const report = reportSchema.parse(JSON.parse(joinText("body", values) ?? "null"));
    reports.set(report.deviceId, report);
  }
  return reports;
}

/**
 * Forgets reports that have been taken into the register, and those of devices that never came.
 * @param now domain time, ms
 */
export async function forgetEarlyReports(
  reports: Iterable<DeviceReport>,
  taken: ReadonlySet<string>,
  now: number,
): Promise<void> {
  const expired = now - KEEP_DAYS * 86_400_000;
  const gone = [...reports].filter(({ deviceId, at }) => taken.has(deviceId) || Date.parse(at) < expired);
  for (const { deviceId } of gone) {
    try {
      await commit([{ kind: "delete", rowKey: safeKey(deviceId) }]);
    } catch (error) {
      if (!(error instanceof AppError && error.code === "not_found")) throw error;
    }
  }
}

async function commit(operations: readonly Operation[]): Promise<void> {
  const rows = await table("Readiness");
  for (const part of transactions(operations)) await rows.commit(PARTITION, part);
}
