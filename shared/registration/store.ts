import { z } from "zod";
import { AppError } from "../errors.js";
import { hash32 } from "../random.js";
import { joinText, splitText } from "../store/long-text.js";
import { type Operation, type Row, scan, type Table, transactions } from "../store/table.js";
import { table } from "../store/tables.js";
import { type DeviceRecord, type DeviceState, deviceRecordSchema } from "./device.js";
import { same } from "./same.js";

export type { DeviceRecord, DeviceState, DeviceStatus } from "./device.js";

/**
 * Devices are kept in 256 buckets, each one row, so that reading 10,000 of them is a few queries and writing them a few
 * transactions.
 */
const BUCKETS = 256;
const PARTITION = "device";
/** From so many buckets on, one scan is cheaper than reading them one by one. */
const SCAN_FROM = 8;
/** Tries of a write against others who write the same buckets. */
const TRIES = 8;

const bucketSchema = z.array(deviceRecordSchema);

interface Bucket {
  readonly etag?: string;
  readonly records: readonly DeviceRecord[];
}

/** The whole register as one reading found it. */
export interface Register {
  /** In the order of their ids. */
  readonly devices: readonly DeviceRecord[];
  readonly buckets: ReadonlyMap<string, Bucket>;
}

export interface DeviceFilter {
  readonly groupId?: string | undefined;
  readonly ring?: string | undefined;
  readonly state?: DeviceState | undefined;
}

/** All devices that discovery has found, in the order of their ids. */
export async function listDevices(filter: DeviceFilter = {}): Promise<DeviceRecord[]> {
  return (await readRegister()).devices.filter((record) => matches(record, filter));
}

/** The register for somebody who goes on to write it with `writeDevices`. */
export async function readRegister(): Promise<Register> {
  const buckets = await readBuckets(await table("Devices"));
  const devices = [...buckets.values()].flatMap(({ records }) => records);
  return { devices: devices.sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1)), buckets };
}

/** The device with this Entra deviceId. Throws `not_found`. */
export async function readDevice(deviceId: string): Promise<DeviceRecord> {
  const id = deviceId.toLowerCase();
  const row = await (await table("Devices")).get(PARTITION, bucketOf(id));
  const found = row && bucketIn(row).records.find((record) => record.deviceId === id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no device ${deviceId} in the register. GET /api/v1/devices lists them.`, {
    field: "deviceId",
  });
}

/**
 * Changes the devices with these ids; those that are not in the register are passed over. `change` may be called again
 * for the same device when somebody else wrote it meanwhile; devices that it leaves as they are are not written.
 * @returns the devices as they are now
 * @throws AppError `unavailable` when others go on writing
 */
export async function changeDevices(
  deviceIds: readonly string[],
  change: (record: DeviceRecord) => DeviceRecord,
): Promise<DeviceRecord[]> {
  return writeDevices(deviceIds, (_id, before) => before && change(before));
}

/**
 * Writes, changes or removes devices: `write` answers how a device shall be, undefined for one that shall not be in the
 * register. Otherwise like `changeDevices`.
 * @param register what was read before; only what somebody else wrote since then is read again
 */
export async function writeDevices(
  deviceIds: readonly string[],
  write: (deviceId: string, before: DeviceRecord | undefined) => DeviceRecord | undefined,
  register?: Register,
): Promise<DeviceRecord[]> {
  const devices = await table("Devices");
  let open = byBucket(deviceIds.map((id) => id.toLowerCase()));
  const written: DeviceRecord[] = [];
  for (let attempt = 1; open.size > 0; attempt++) {
    if (attempt > TRIES) {
      throw new AppError("unavailable", "Others keep changing the same devices. It is tried again.");
    }
    const before = (attempt === 1 && register?.buckets) || (await readBuckets(devices, [...open.keys()]));
    const after = new Map([...open].map(([key, ids]) => [key, changed(before.get(key), ids, write)]));
    const lost = await commit(devices, before, after);
    for (const [key, { results }] of after) if (!lost.has(key)) written.push(...results);
    open = new Map([...open].filter(([key]) => lost.has(key)));
  }
  return written;
}

interface Changed {
  readonly records: readonly DeviceRecord[];
  readonly results: readonly DeviceRecord[];
  readonly unchanged: boolean;
}

function changed(
  bucket: Bucket | undefined,
  ids: readonly string[],
  write: (deviceId: string, before: DeviceRecord | undefined) => DeviceRecord | undefined,
): Changed {
  const records = new Map((bucket?.records ?? []).map((record) => [record.deviceId, record]));
  const results: DeviceRecord[] = [];
  let unchanged = true;
  for (const id of ids) {
    const before = records.get(id);
    const after = write(id, before);
    unchanged &&= same(before, after);
    if (after === undefined) records.delete(id);
    else records.set(id, after);
    if (after !== undefined) results.push(after);
  }
  return { records: [...records.values()], results, unchanged };
}

/** Writes what changed in as few transactions as possible. Returns the buckets that somebody else wrote first. */
async function commit(
  devices: Table,
  before: ReadonlyMap<string, Bucket>,
  after: ReadonlyMap<string, Changed>,
): Promise<Set<string>> {
  const lost = new Set<string>();
  const operations = [...after]
    .filter(([, { unchanged }]) => !unchanged)
    .map(([key, { records }]) => operation(before, key, records));
  for (const together of transactions(operations)) {
    if (await applied(devices, together)) continue;
    // One bucket that was written meanwhile spoils the transaction; the others go alone.
    for (const single of together) if (!(await applied(devices, [single]))) lost.add(single.rowKey);
  }
  return lost;
}

function operation(before: ReadonlyMap<string, Bucket>, rowKey: string, records: readonly DeviceRecord[]): Operation {
  const values = splitText("body", JSON.stringify(records));
  const etag = before.get(rowKey)?.etag;
  return etag === undefined ? { kind: "insert", rowKey, values } : { kind: "replace", rowKey, values, etag };
}

async function applied(devices: Table, operations: readonly Operation[]): Promise<boolean> {
  try {
    await devices.commit(PARTITION, operations);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "conflict") return false;
    throw error;
  }
}

/** The buckets of these keys, all when there are no keys. */
async function readBuckets(devices: Table, keys?: readonly string[]): Promise<Map<string, Bucket>> {
  const found = new Map<string, Bucket>();
  if (keys === undefined || keys.length >= SCAN_FROM) {
    for await (const row of scan(devices, PARTITION)) found.set(row.rowKey, bucketIn(row));
    return found;
  }
  for (const key of keys) {
    const row = await devices.get(PARTITION, key);
    if (row !== undefined) found.set(key, bucketIn(row));
  }
  return found;
}

/** Buckets by key as they were read last: one whose text is the same needs no second decoding. Records are frozen. */
const decoded = new Map<string, { readonly body: string; readonly records: readonly DeviceRecord[] }>();

function bucketIn(row: Row): Bucket {
  const body = joinText("body", row.values) ?? "[]";
  const known = decoded.get(row.rowKey);
  if (known?.body === body) return { etag: row.etag, records: known.records };
  const parsed = bucketSchema.safeParse(JSON.parse(body));
  if (parsed.success) {
    decoded.set(row.rowKey, { body, records: parsed.data });
    return { etag: row.etag, records: parsed.data };
  }
  const issue = parsed.error.issues[0];
  const message = `Bucket ${row.rowKey} of the devices is not valid at ${issue?.path.join(".")}: ${issue?.message}. It was written by another version; migrate or delete it.`;
  throw new AppError("internal", message);
}

function byBucket(ids: readonly string[]): Map<string, string[]> {
  const buckets = new Map<string, string[]>();
  for (const id of new Set(ids)) buckets.set(bucketOf(id), [...(buckets.get(bucketOf(id)) ?? []), id]);
  return buckets;
}

function bucketOf(deviceId: string): string {
  return (hash32(deviceId) % BUCKETS).toString(16).padStart(2, "0");
}

function matches(record: DeviceRecord, { groupId, ring, state }: DeviceFilter): boolean {
  if (groupId !== undefined && record.groupId !== groupId) return false;
  if (ring !== undefined && record.ring !== ring) return false;
  return state === undefined || record.state === state;
}
