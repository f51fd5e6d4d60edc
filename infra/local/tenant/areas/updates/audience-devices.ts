import type { World } from "../../world.js";
import type { AssetRow } from "./assets.js";
import type { AudienceRow } from "./audiences.js";

/** Categories whose updates reach only devices that are enrolled for them (graph.md §1.3). */
const MANAGED = ["feature", "driver"] as const;
type Managed = (typeof MANAGED)[number];

/** What Windows Update knows the devices of an audience by that are enrolled for a category. */
export function enrolledIn(audienceId: string, category: Managed): string {
  return `${audienceId}#${category}`;
}

/** The devices that an audience reaches, those of its groups included: an excluded one is not reached (graph.md §1.4). */
export function reachedBy(world: World, { members, exclusions }: AudienceRow): AssetRow[] {
  const excluded = new Set(expanded(world, exclusions).map(({ id }) => id));
  return expanded(world, members).filter(({ id }) => !excluded.has(id));
}

/** Groups stand for their devices. */
export function expanded(world: World, ids: readonly string[]): AssetRow[] {
  const assets = world.store.table<AssetRow>("updatableAssets");
  return ids.flatMap((id) => {
    const row = assets.get(id);
    if (row === undefined) return [];
    return row.kind === "device" ? [row] : row.members.flatMap((member) => assets.get(member) ?? []);
  });
}

export function isEnrolled({ enrollment }: AssetRow, category: Managed): boolean {
  return enrollment[category]?.enrolled === true;
}

/** Tells Windows Update whom every audience reaches, after devices, their groups or their enrolment have changed. */
export function tellAudiences(world: World): void {
  for (const row of world.store.table<AudienceRow>("audiences").all()) tellAudience(world, row);
}

/** Tells Windows Update whom an audience reaches. */
export function tellAudience(world: World, row: AudienceRow): void {
  const assets = reachedBy(world, row);
  const objects = (rows: readonly AssetRow[]) =>
    new Set(rows.flatMap(({ id }) => world.directory.byDeviceId(id)?.id ?? []));
  world.windowsUpdate.setAudience(row.id, objects(assets));
  for (const category of MANAGED) {
    const enrolled = assets.filter((asset) => isEnrolled(asset, category));
    world.windowsUpdate.setAudience(enrolledIn(row.id, category), objects(enrolled));
  }
}

/** Takes an asset out of every audience. */
export function leaveAudiences(world: World, assetId: string): void {
  const audiences = world.store.table<AudienceRow>("audiences");
  const without = (ids: readonly string[]) => ids.filter((id) => id !== assetId);
  for (const row of audiences.all()) {
    if (![...row.members, ...row.exclusions].includes(assetId)) continue;
    audiences.set({ ...row, members: without(row.members), exclusions: without(row.exclusions) });
  }
}
