import { DAY_MS, iso } from "../calendar/days.js";
import { joinText, splitText } from "../store/long-text.js";
import { keepNewest } from "../store/newest-rows.js";
import { type Operation, type Row, safeKey, scan, transactions } from "../store/table.js";
import { table } from "../store/tables.js";
import { type DeviceInventory, inventorySchema } from "./inventory.js";

const PARTITION = "device";
/** Days for which the inventory of a device is kept that is not in the register: it may still be discovered. */
const KEEP_DAYS = 90;

/** An inventory is read as it was written; what an older version wrote and nobody can read any more counts as none. */
const storedSchema = inventorySchema.catch({});

/** Keeps inventories, a row for each device; the newest by the agent's time counts (shared/store/newest-rows.ts). */
export async function keepInventories(told: readonly DeviceInventory[]): Promise<void> {
  if (told.length === 0) return;
  const rows = told.map(({ deviceId, at, inventory }) => ({
    ...{ key: deviceId, at },
    values: { deviceId, ...splitText("body", JSON.stringify(inventory)) },
  }));
  await keepNewest(await table("AppInventory"), PARTITION, rows);
}

/** All inventories by Entra deviceId, in one query. */
export async function listInventories(): Promise<ReadonlyMap<string, DeviceInventory>> {
  const found = new Map<string, DeviceInventory>();
  for await (const row of scan(await table("AppInventory"), PARTITION)) {
    const inventory = inventoryIn(row);
    found.set(inventory.deviceId, inventory);
  }
  return found;
}

/** The inventory of one device; undefined where its agent never told one. */
export async function findInventory(deviceId: string): Promise<DeviceInventory | undefined> {
  const row = await (await table("AppInventory")).get(PARTITION, safeKey(deviceId.toLowerCase()));
  return row && inventoryIn(row);
}

/**
 * Forgets inventories of devices that are not in the register and have told nothing for 90 days.
 * @param now ms
 * @returns how many
 */
export async function forgetInventories(registered: ReadonlySet<string>, now: number): Promise<number> {
  const before = iso(now - KEEP_DAYS * DAY_MS);
  const gone = [...(await listInventories()).values()].filter(
    ({ deviceId, at }) => at < before && !registered.has(deviceId),
  );
  const rows = await table("AppInventory");
  const operations = gone.map(({ deviceId }): Operation => ({ kind: "delete", rowKey: safeKey(deviceId) }));
  for (const part of transactions(operations)) await rows.commit(PARTITION, part);
  return gone.length;
}

function inventoryIn({ values }: Row): DeviceInventory {
  const inventory = storedSchema.parse(JSON.parse(joinText("body", values) ?? "{}"));
  return { deviceId: String(values.deviceId), at: String(values.at), inventory };
}
