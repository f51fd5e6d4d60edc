import { DAY_MS, iso } from "../calendar/days.js";
import { AppError } from "../errors.js";
import { joinText, splitText } from "../store/long-text.js";
import { type Operation, type Row, safeKey, scan, type Table, transactions } from "../store/table.js";
import { table } from "../store/tables.js";
import { type DeviceInventory, inventorySchema } from "./inventory.js";

const PARTITION = "device";
/** From so many devices on, one scan is cheaper than reading them one by one. */
const SCAN_FROM = 50;
/** Tries of a write against others who write the same devices. */
const TRIES = 8;
/** Days for which the inventory of a device is kept that is not in the register: it may still be discovered. */
const KEEP_DAYS = 90;

/** An inventory is read as it was written; what an older version wrote and nobody can read any more counts as none. */
const storedSchema = inventorySchema.catch({});

/**
 * Keeps inventories, a row for each device. The newest by the agent's time counts: a late report never overwrites a newer
 * one, whoever writes at the same moment, and the same report again writes nothing.
 * @throws AppError `unavailable` when others go on writing
 */
export async function keepInventories(told: readonly DeviceInventory[]): Promise<void> {
  const newest = newestByDevice(told);
  if (newest.size === 0) return;
  const rows = await table("AppInventory");
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const known = await knownRows(rows, [...newest.keys()]);
    const operations = [...newest].flatMap(([rowKey, one]) => operationOf(rowKey, one, known.get(rowKey)) ?? []);
    if (await committed(rows, operations)) return;
  }
  throw new AppError("unavailable", "Others keep writing the app inventories of the same devices. It is tried again.");
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

function newestByDevice(told: readonly DeviceInventory[]): Map<string, DeviceInventory> {
  const newest = new Map<string, DeviceInventory>();
  for (const one of told) {
    const rowKey = safeKey(one.deviceId);
    if (one.at > (newest.get(rowKey)?.at ?? "")) newest.set(rowKey, one);
  }
  return newest;
}

async function knownRows(rows: Table, keys: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  const known = new Map<string, Row>();
  if (keys.length >= SCAN_FROM) {
    for await (const row of scan(rows, PARTITION, { select: ["at"] })) known.set(row.rowKey, row);
    return known;
  }
  for (const key of keys) {
    const row = await rows.get(PARTITION, key);
    if (row !== undefined) known.set(key, row);
  }
  return known;
}

function operationOf(
  rowKey: string,
  { deviceId, at, inventory }: DeviceInventory,
  known: Row | undefined,
): Operation | undefined {
  if (known !== undefined && at <= String(known.values.at)) return undefined;
  const values = { deviceId, at, ...splitText("body", JSON.stringify(inventory)) };
  return known === undefined
    ? { kind: "insert", rowKey, values }
    : { kind: "replace", rowKey, values, etag: known.etag };
}

/** False when somebody else has written one of the rows meanwhile. */
async function committed(rows: Table, operations: readonly Operation[]): Promise<boolean> {
  try {
    for (const part of transactions(operations)) await rows.commit(PARTITION, part);
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === "conflict" || error.code === "not_found")) return false;
    throw error;
  }
}

function inventoryIn({ values }: Row): DeviceInventory {
  const inventory = storedSchema.parse(JSON.parse(joinText("body", values) ?? "{}"));
  return { deviceId: String(values.deviceId), at: String(values.at), inventory };
}
