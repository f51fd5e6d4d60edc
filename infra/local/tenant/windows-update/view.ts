import type { DriverEntry } from "../drivers/catalogue.js";
import type { DeviceUpdateView, DriverOffer, FeatureOffer } from "../types.js";
import type { FeatureCandidate } from "./feature-source.js";
import type { Judgement } from "./judgement.js";
import type { Candidate } from "./offer-source.js";
import type { WindowsVersion } from "./windows-versions.js";

export type OfferKind = "quality" | "feature" | "driver";

export interface ViewDeps {
  /** Since when the device is offered something, ms. */
  readonly since: (kind: OfferKind, key: string) => number;
  /** The build that a version of Windows brings now. */
  readonly buildOf: (version: WindowsVersion) => string;
}

/** What a device is told of how it was judged. */
export function viewOf(judgement: Judgement, { since, buildOf }: ViewDeps): DeviceUpdateView {
  const { quality, feature, safeguards, drivers, ring, expedite, scanHours } = judgement;
  return {
    ...(quality && { offer: qualityOffer(quality, since("quality", quality.entry.id)) }),
    ...(feature && {
      feature: featureOffer(feature, buildOf(feature.version), since("feature", feature.version.name)),
    }),
    ...(safeguards.length > 0 && { safeguards }),
    ...(drivers.length > 0 && { drivers: drivers.map((entry) => driverOffer(entry, since("driver", entry.id))) }),
    ...(ring && { ring }),
    ...(expedite && { expedite }),
    ...(scanHours !== undefined && { detectionFrequencyHours: scanHours }),
  };
}

function qualityOffer({ entry, revision }: Candidate, since: number): NonNullable<DeviceUpdateView["offer"]> {
  const { kb, build, hotpatchOf } = revision;
  return { catalogEntryId: entry.id, kb, build, since, ...(hotpatchOf !== undefined && { isHotpatch: true }) };
}

function featureOffer({ version, isFallback }: FeatureCandidate, build: string, since: number): FeatureOffer {
  const { name, product, version: versionName } = version;
  return { version: name, product, versionName, build, since, ...(isFallback && { isFallback }) };
}

function driverOffer({ id, component, version }: DriverEntry, since: number): DriverOffer {
  return { id, name: component, version, since };
}
