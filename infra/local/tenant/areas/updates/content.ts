import { hollowEntryJson } from "../../catalogue/json.js";
import type { DriverEntry } from "../../drivers/catalogue.js";
import { driverCatalogue } from "../../drivers/inventory.js";
import type { Json } from "../../graph/types.js";
import type { WindowsVersion } from "../../windows-update/windows-versions.js";
import { dateText, type World } from "../../world.js";
import { featureEntry, featureJson } from "./feature-entries.js";

/** Something that can be deployed: a quality or feature update, or a driver. */
export interface DeployableContent {
  readonly id: string;
  readonly isExpeditable: boolean;
  /** ms; null: no such day is known. */
  readonly deployableUntil: number | null;
  /** As a deployment embeds it: only its id is to be trusted (graph.md §1.5). */
  readonly hollow: Json;
  /** What a feature update brings. */
  readonly version?: WindowsVersion;
  readonly driver?: DriverEntry;
}

/** The content of that id that is published and not withdrawn; what has expired is still there. */
export function findContent(world: World, id: string): DeployableContent | undefined {
  const now = world.clock.now();
  const quality = world.catalogue.get(id);
  if (quality !== undefined) {
    if (quality.publishedAt > now) return undefined;
    const hollow = hollowEntryJson(quality);
    return { id: quality.id, isExpeditable: quality.isExpeditable, deployableUntil: null, hollow };
  }
  const feature = featureEntry(id, now);
  if (feature !== undefined) {
    const hollow = { ...featureJson(feature), displayName: null, releaseDateTime: "0001-01-01T00:00:00Z" };
    return { id, isExpeditable: false, deployableUntil: Date.parse(feature.endOfSupport), hollow, version: feature };
  }
  const driver = driverCatalogue(world).get(id, now);
  if (driver === undefined) return undefined;
  const hollow = { ...driverJson(driver), displayName: null };
  return { id, isExpeditable: false, deployableUntil: driver.deployableUntil, hollow, driver };
}

/** A driver as the catalogue of Windows updates has it. */
export function driverJson(entry: DriverEntry): Json {
  const { id, component, manufacturer, driverClass, version, releasedAt, deployableUntil } = entry;
  return {
    "@odata.type": "#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry",
    id,
    displayName: `${component} - ${version}`,
    releaseDateTime: dateText(releasedAt),
    deployableUntilDateTime: deployableUntil === null ? null : dateText(deployableUntil),
    description: `${manufacturer} ${driverClass} driver update released in ${dateText(releasedAt).slice(0, 7)}`,
    ...{ driverClass, manufacturer, version },
    provider: manufacturer,
    setupInformationFile: null,
    versionDateTime: dateText(releasedAt),
  };
}
