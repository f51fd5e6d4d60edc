import type { CatalogueUpdate } from "../../../../shared/graph/catalogue.js";

type Given = Partial<CatalogueUpdate> & { readonly date: string; readonly name: string; readonly kb: string };

/** An update of the catalogue for Windows 11 23H2 whose build follows from its article. */
export function update({ date, name, kb, ...given }: Given): CatalogueUpdate {
  const isPreview = / [CD]$/.test(name);
  return {
    catalogEntryId: `id ${name}`,
    shortName: name,
    displayName: `${date} - ${name}`,
    releaseDate: date,
    classification: isPreview ? "nonSecurity" : "security",
    cadence: name.endsWith("OOB") ? "outOfBand" : "monthly",
    isExpeditable: true,
    cveSeverity: isPreview ? null : { maxSeverity: "important", maxBaseScore: 7.8, exploited: [] },
    revisions: [{ product: "Windows 11", version: "23H2", build: `10.0.22631.${kb.slice(-4)}`, kb, isHotpatch: false }],
    ...given,
  };
}

const exploited = (...numbers: string[]) => ({ maxSeverity: "critical", maxBaseScore: 9.8, exploited: numbers });

export const APRIL = update({ date: "2025-04-08", name: "2025.04 B", kb: "KB5055528" });
export const OOB = update({
  date: "2025-04-11",
  name: "2025.04 OOB",
  kb: "KB5058919",
  cveSeverity: exploited("CVE-2025-1111"),
});
export const PREVIEW = update({ date: "2025-04-22", name: "2025.04 D", kb: "KB5055629" });
export const MAY = update({
  date: "2025-05-13",
  name: "2025.05 B",
  kb: "KB5058405",
  cveSeverity: exploited("CVE-2025-30400"),
});
