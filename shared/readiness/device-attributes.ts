import { z } from "zod";
import type { Attributes } from "../attributes/columns.js";
import { joinText, splitText } from "../store/long-text.js";
import { type Operation, safeKey, scan, type Table, transactions } from "../store/table.js";
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
/** From so many devices on, one scan is cheaper than reading them one by one. */
const SCAN_FROM = 50;

/** Keeps what devices told of themselves, a row for each: of two reports the newer one counts. May be repeated. */
export async function keepAttributes(told: readonly ToldAttributes[]): Promise<void> {
  if (told.length === 0) return;
  const rows = await table("DeviceAttributes");
  const known = await knownAt(rows, told);
  const news = told.filter(({ deviceId, at }) => at > (known.get(deviceId) ?? ""));
  const operations = news.map(({ deviceId, at, attributes }): Operation => {
    return {
      kind: "upsert",
      rowKey: safeKey(deviceId),
      values: { at, ...splitText("body", JSON.stringify(attributes)) },
    };
  });
  for (const part of transactions(operations)) await rows.commit(PARTITION, part);
}

async function knownAt(rows: Table, told: readonly ToldAttributes[]): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  if (told.length >= SCAN_FROM) {
    for await (const { rowKey, values } of scan(rows, PARTITION, { select: ["at"] }))
      known.set(rowKey, String(values.at));
    return known;
  }
  for (const { deviceId } of told) {
    const row = await rows.get(PARTITION, safeKey(deviceId));
    if (row !== undefined) known.set(deviceId, String(row.values.at));
  }
  return known;
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
