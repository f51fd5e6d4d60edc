import { z } from "zod";
import { HOUR_MS } from "../../calendar/days.js";
import { type Documents, documents } from "../../store/documents.js";
import { table } from "../../store/tables.js";
import { remembered } from "../remembered.js";
import { affectedDeviceSchema, type Conflicts, conflictSchema } from "./conflict.js";

/** A part of the view, small enough for a row; devices are spread over as many parts as they need. */
const partSchema = z.object({ conflicts: z.array(conflictSchema), devices: z.array(affectedDeviceSchema) });
type Part = z.infer<typeof partSchema>;

const PARTITION = "conflicts";
const PART_SIZE = 500;

/** The conflicts as the last refresh found them. */
export async function readConflicts(): Promise<Conflicts> {
  const parts = await storedParts(await store());
  return {
    conflicts: [...parts.values()].flatMap((part) => part.conflicts),
    devices: [...parts.values()].flatMap((part) => part.devices),
  };
}

/** How long an empty view is taken for granted while nothing is found, ms of domain time. */
const KNOWN_MS = 36 * HOUR_MS;
const isEmpty = remembered(async () => (await storedParts(await store())).size === 0, KNOWN_MS);

/**
 * Keeps the conflicts; parts that did not change are not written. Returns whether anything changed.
 * @param now ms
 */
export async function keepConflicts(found: Conflicts, now: number): Promise<boolean> {
  if (found.conflicts.length === 0 && (await isEmpty.get(now))) return false;
  const documentsOfView = await store();
  const before = await storedParts(documentsOfView);
  const after = partsOf(found);
  const changed = [...after].filter(([id, part]) => JSON.stringify(before.get(id)) !== JSON.stringify(part));
  const gone = [...before.keys()].filter((id) => !after.has(id));
  for (const [id, part] of changed) await documentsOfView.put(PARTITION, id, part);
  for (const id of gone) await documentsOfView.delete(PARTITION, id);
  isEmpty.forget();
  return changed.length > 0 || gone.length > 0;
}

function partsOf({ conflicts, devices }: Conflicts): Map<string, Part> {
  const count = Math.ceil(Math.max(conflicts.length, devices.length) / PART_SIZE);
  const slice = <T>(items: readonly T[], nth: number) => items.slice(nth * PART_SIZE, (nth + 1) * PART_SIZE);
  return new Map(
    Array.from({ length: count }, (_, nth) => [
      String(nth).padStart(4, "0"),
      { conflicts: slice(conflicts, nth), devices: slice(devices, nth) },
    ]),
  );
}

async function storedParts(view: Documents<Part>): Promise<Map<string, Part>> {
  const parts = new Map<string, Part>();
  for await (const { id, body } of view.all(PARTITION)) parts.set(id, body);
  return parts;
}

async function store(): Promise<Documents<Part>> {
  return documents(await table("PolicyConflicts"), partSchema);
}
