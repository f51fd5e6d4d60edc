import { z } from "zod";
import { HOUR_MS } from "../calendar/days.js";
import { ringSettingsSchema } from "../groups/ring.js";
import { type StoredGroup, storedGroupSchema } from "../groups/store.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { RunningSettings } from "./desired.js";
import { remembered } from "./remembered.js";

/**
 * What was last brought to the tenant for a group: the known values that repairs go back to (autopatch.md §10.2) and
 * that the tenant is compared with. An edit shows here once it is on its way to the tenant.
 */
const baselineSchema = z.object({
  group: storedGroupSchema,
  running: z.record(z.string(), ringSettingsSchema),
  /** Entra group of all devices of the service, to which the tenant-wide policies go. */
  allDevicesGroupId: z.string().nullable(),
  /** When a change to the tenant began, ms; null once it is complete. */
  applyingSince: z.number().nullable(),
  /** Rings that the group no longer has and whose policies may still be there. */
  formerRings: z.array(z.string()),
});
export type Baseline = z.infer<typeof baselineSchema>;

const PARTITION = "baseline";

export async function findBaseline(groupId: string): Promise<Document<Baseline> | undefined> {
  return (await store()).get(PARTITION, groupId);
}

/** How long a change by another instance may go unseen by `knownBaselines`, ms of domain time. */
const KNOWN_MS = 12 * HOUR_MS;
const known = remembered(listBaselines, KNOWN_MS);

/** All of them from memory: enough to see that nothing is wrong. Before anything is done about it, they are read. */
export function knownBaselines(now: number): Promise<readonly Baseline[]> {
  return known.get(now);
}

export async function listBaselines(): Promise<Baseline[]> {
  const found: Baseline[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found;
}

export interface BaselineInput {
  readonly group: StoredGroup;
  readonly running: RunningSettings;
  readonly allDevicesGroupId: string | null;
}

/**
 * Says that these values are on their way to the tenant, unless they are what is there. Nothing is written when nothing
 * changed.
 */
export async function beginBaseline(input: BaselineInput, now: number): Promise<Baseline> {
  const before = (await findBaseline(input.group.id))?.body;
  if (before !== undefined && before.applyingSince === null && isSame(before, input)) return before;
  const rings = input.group.definition.rings.map(({ name }) => name);
  const known =
    before === undefined ? [] : [...before.formerRings, ...before.group.definition.rings.map((r) => r.name)];
  const formerRings = [...new Set(known)].filter((name) => !rings.includes(name));
  const baseline: Baseline = { ...input, running: { ...input.running }, applyingSince: now, formerRings };
  await put(baseline);
  return baseline;
}

/** Says that the values are in the tenant. */
export async function completeBaseline(baseline: Baseline): Promise<void> {
  if (baseline.applyingSince === null) return;
  await put({ ...baseline, applyingSince: null, formerRings: [] });
}

/** Says that the policies of a group are being removed, so that nobody misses them. */
export async function beginRemoval(groupId: string, now: number): Promise<Baseline | undefined> {
  const found = (await findBaseline(groupId))?.body;
  if (found !== undefined) await put({ ...found, applyingSince: now });
  return found;
}

export async function dropBaseline(groupId: string): Promise<void> {
  await (await store()).delete(PARTITION, groupId);
  known.forget();
}

async function put(baseline: Baseline): Promise<void> {
  await (await store()).put(PARTITION, baseline.group.id, baseline);
  known.forget();
}

/** The ids of policies and the status are the service's own notes and make no difference in the tenant. */
function isSame(before: BaselineInput, after: BaselineInput): boolean {
  const content = ({ group, running, allDevicesGroupId }: BaselineInput) => {
    const entra = group.definition.rings.map(({ name }) => group.bindings[name]?.entraGroupId);
    const { definition, parentGroupId, owners, featureReleaseId = null, officePins = {} } = group;
    const directory = [entra, parentGroupId, Object.entries(owners ?? {}).sort()];
    const own = [definition, featureReleaseId, Object.entries(officePins).sort()];
    return JSON.stringify([...own, directory, Object.entries(running).sort(), allDevicesGroupId]);
  };
  return content(before) === content(after);
}

async function store(): Promise<Documents<Baseline>> {
  return documents(await table("PolicyBaselines"), baselineSchema);
}
