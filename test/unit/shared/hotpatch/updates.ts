import type { QualityUpdate, UpdateRevision } from "../../../../shared/updates/quality-update.js";

/** An update of Windows 11 24H2 and 25H2, which share their revisions; those of hotpatches are marked with an h. */
export function update(shortName: string, releaseDate: string, ...revisions: readonly string[]): QualityUpdate {
  const preview = shortName.endsWith("D");
  return {
    catalogEntryId: shortName,
    ...{ shortName, displayName: shortName, releaseDate },
    classification: preview ? "nonSecurity" : "security",
    cadence: shortName.endsWith("OOB") ? "outOfBand" : "monthly",
    isExpeditable: !preview,
    revisions: [26100, 26200].flatMap((major) => revisions.map((revision) => revisionOf(major, revision))),
  };
}

function revisionOf(major: number, text: string): UpdateRevision {
  const isHotpatch = text.startsWith("h");
  const version = major === 26100 ? "24H2" : "25H2";
  return {
    product: "Windows 11",
    version,
    build: `10.0.${major}.${text.replace("h", "")}`,
    kb: "KB5077212",
    isHotpatch,
  };
}

/** What was published in 2026 until May, as far as hotpatch goes (autopatch.md §13.3). */
export const SPRING_2026 = [
  update("2026.04 B", "2026-04-14", "8240"),
  update("2026.04 D", "2026-04-28", "8300"),
  update("2026.05 B", "2026-05-12", "8457", "h8390"),
];
