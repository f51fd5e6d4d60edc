import { z } from "zod";
import type { Attributes } from "../attributes/columns.js";
import { joinText, splitText } from "../store/long-text.js";
import { keepNewest } from "../store/newest-rows.js";
import { safeKey, scan } from "../store/table.js";
import { table } from "../store/tables.js";

/** Attributes that a device may tell of itself: at most so many, with names and values of these lengths. */
export const ATTRIBUTE_LIMITS = { count: 32, name: 40, value: 200 } as const;

/**
 * What an agent says its device is like, for cohorts and the order of offers (gate.md §5, §7): BIOS, drivers, storage
 * firmware, antivirus, VPN and whatever else Intune's lists do not have (graph.md §2.6).
 */
export const attributesSchema = z
  .record(
    z.string().regex(new RegExp(`^[a-zA-Z][a-zA-Z0-9]{0,${ATTRIBUTE_LIMITS.name - 1}}$`)),
    z.string().max(ATTRIBUTE_LIMITS.value),
  )
  .refine((attributes) => Object.keys(attributes).length <= ATTRIBUTE_LIMITS.count, {
    message: `at most ${ATTRIBUTE_LIMITS.count} attributes`,
  });

/** What a device told of itself, and when (ISO 8601). */
export interface ToldAttributes {
  readonly deviceId: string;
  readonly at: string;
  readonly attributes: Attributes;
}

const PARTITION = "device";

/** Keeps what devices told of themselves, a row for each; the newest counts (shared/store/newest-rows.ts). */
export async function keepAttributes(told: readonly ToldAttributes[]): Promise<void> {
  if (told.length === 0) return;
  const rows = told.map(({ deviceId, at, attributes }) => ({
    ...{ key: deviceId, at },
    values: splitText("body", JSON.stringify(attributes)),
  }));
  await keepNewest(await table("DeviceAttributes"), PARTITION, rows);
}

/** What devices told of themselves, by Entra deviceId. */
export async function toldAttributes(): Promise<ReadonlyMap<string, Attributes>> {
  const told = new Map<string, Attributes>();
  for await (const { rowKey, values } of scan(await table("DeviceAttributes"), PARTITION)) {
    told.set(rowKey, attributesSchema.parse(JSON.parse(joinText("body", values) ?? "{}")));
  }
  return told;
}

/** What one device told of itself; nothing when it never did. */
export async function toldAttributesOf(deviceId: string): Promise<Attributes> {
  const row = await (await table("DeviceAttributes")).get(PARTITION, safeKey(deviceId));
  return attributesSchema.parse(JSON.parse(joinText("body", row?.values ?? {}) ?? "{}"));
}
