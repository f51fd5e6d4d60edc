import type { DeviceRow } from "../../shared/ledger/device-row.js";
import type { releaseView, ringView } from "../../shared/releases/view.js";
import type { World } from "./world.js";

export type RingAnswer = ReturnType<typeof ringView>;
export type ReleaseAnswer = ReturnType<typeof releaseView> & { readonly rings: readonly RingAnswer[] };

/** All releases with their rings, in the order of their dates. */
export async function releases(world: World): Promise<ReleaseAnswer[]> {
  return world.api.all<ReleaseAnswer>("/releases?expand=rings");
}

/** The release of an update such as `2024.06 B`. */
export async function releaseOf(world: World, update: string): Promise<ReleaseAnswer> {
  const all = await releases(world);
  const found = all.find((release) => release.update.name === update);
  if (found === undefined) throw new Error(`No release of ${update}, only of ${all.map((r) => r.update.name)}.`);
  return found;
}

export function ringOf(release: ReleaseAnswer, name: string): RingAnswer {
  const found = release.rings.find((ring) => ring.name === name);
  if (found === undefined) throw new Error(`Release ${release.id} has no ring ${name}.`);
  return found;
}

/** The ledger's rows of a release, of one ring if it is named. */
export async function deviceRows(world: World, releaseId: string, ring?: string): Promise<DeviceRow[]> {
  const query = ring === undefined ? "" : `?ring=${encodeURIComponent(ring)}`;
  return world.api.all<DeviceRow>(`/releases/${releaseId}/devices${query}`);
}

/** Devices (Entra deviceId) whose own view of the tenant offers the update. */
export function offeredTo(world: World, release: ReleaseAnswer, deviceIds: readonly string[]): string[] {
  const { catalogEntryId } = release.update;
  return deviceIds.filter((id) => world.tenant.view(id).offer?.catalogEntryId === catalogEntryId);
}
