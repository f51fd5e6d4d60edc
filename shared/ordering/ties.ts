import { hash32 } from "../random.js";

/** The most devices whose numbers fit beside a 32-bit hash in the 53 bits of a double. */
const MOST_DEVICES = 2 ** 21;

/**
 * The devices by hash(device, deployment), so that the same devices are not always first (gate.md §7), and by id where
 * hashes collide: the same order of ids wherever the devices stand.
 * @throws RangeError above 2,097,152 devices
 */
export function hashOrder(ids: readonly string[], deployment: string): Int32Array {
  const devices = ids.length;
  if (devices > MOST_DEVICES) throw new RangeError(`${devices} devices are more than ${MOST_DEVICES}.`);
  const keys = new Float64Array(devices);
  for (let index = 0; index < devices; index++) {
    keys[index] = hash32(ids[index] as string, deployment) * MOST_DEVICES + index;
  }
  keys.sort();
  const order = new Int32Array(devices);
  let runStart = 0;
  let runHash = -1;
  for (let at = 0; at < devices; at++) {
    const key = keys[at] as number;
    const hash = Math.floor(key / MOST_DEVICES);
    order[at] = key - hash * MOST_DEVICES;
    if (hash === runHash) sortById(order.subarray(runStart, at + 1), ids);
    else [runStart, runHash] = [at, hash];
  }
  return order;
}

function sortById(devices: Int32Array, ids: readonly string[]): void {
  const idOf = (device: number): string => ids[device] as string;
  devices.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}
