import { createHash } from "node:crypto";
import { z } from "zod";
import { addDays } from "../calendar/days.js";
import type { StoredGroup } from "../groups/store.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { DeviceRecord } from "./device.js";

/** Days after which a group's rings are read again though nothing is known to have changed. */
const LOOK_AGAIN_DAYS = 7;

/** The last look at a group's rings that found every device in its ring and in no other. */
const filledSchema = z.object({ rings: z.string(), at: z.number() });
type Filled = z.infer<typeof filledSchema>;

const FILLED = "filled";

/** As last read or written here: the daily question costs no storage transaction. */
const known = new Map<string, Filled>();

/**
 * Remembers that the directory groups of a group's rings have the members that the register says.
 * @param devices the records of the group's devices, in the order of their ids
 * @param now domain time, ms
 */
export async function noteFilled(group: StoredGroup, devices: readonly DeviceRecord[], now: number): Promise<void> {
  const filled = { rings: fingerprint(group, devices), at: now };
  await (await store()).put(FILLED, group.id, filled);
  known.set(group.id, filled);
}

/**
 * Whether a group's rings need no look: the last one, within a week, found what the register says now. Memberships that
 * hands change meanwhile are told by the directory (`directoryChanges`).
 */
export async function isFilled(group: StoredGroup, devices: readonly DeviceRecord[], now: number): Promise<boolean> {
  const filled = known.get(group.id) ?? (await (await store()).get(FILLED, group.id))?.body;
  if (filled === undefined || now >= addDays(filled.at, LOOK_AGAIN_DAYS)) return false;
  known.set(group.id, filled);
  return filled.rings === fingerprint(group, devices);
}

/** Of everything that decides which device belongs into which directory group. */
function fingerprint({ bindings }: StoredGroup, devices: readonly DeviceRecord[]): string {
  const hash = createHash("sha256");
  for (const [ring, { entraGroupId }] of Object.entries(bindings)) hash.update(`${ring} ${entraGroupId}\n`);
  for (const { objectId, ring, ringAssignedBy, leaving = [] } of devices) {
    hash.update(`${objectId} ${ring} ${ringAssignedBy} ${leaving.join(" ")}\n`);
  }
  return hash.digest("base64url");
}

async function store(): Promise<Documents<Filled>> {
  return documents(await table("Discovery"), filledSchema);
}
