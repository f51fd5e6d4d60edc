import type { UpdateKind } from "../../../../shared/calendar/names.js";
import { uniform } from "../../../../shared/random.js";

export interface Revision {
  readonly product: string;
  readonly version: string;
  /** `10.0.22631.3737` */
  readonly build: string;
  readonly kb: string;
  /** Build of the baseline on which a hotpatch is built; absent, the revision is a cumulative update. */
  readonly hotpatchOf?: string;
}

export interface Severity {
  readonly maxSeverity: "critical" | "important" | "moderate";
  readonly maxBaseScore: number;
  readonly exploitedCves: readonly { readonly number: string; readonly url: string }[];
}

/** A quality update of the catalogue, with a revision per Windows version. */
export interface CatalogueEntry {
  readonly id: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly kind: UpdateKind;
  readonly classification: "security" | "nonSecurity";
  readonly cadence: "monthly" | "outOfBand";
  readonly isExpeditable: boolean;
  readonly severity: Severity | null;
  readonly revisions: readonly Revision[];
  /** The instant from which the catalogue lists it, ms. */
  readonly publishedAt: number;
}

/** Severity figures that look like those of a real month and depend on the id alone. */
export function severityOf(id: string, date: string): Severity {
  const exploited = Math.floor(uniform(id, "exploited") * 3);
  const number = (nth: number) => `CVE-${date.slice(0, 4)}-${21000 + Math.floor(uniform(id, "cve", nth) * 40000)}`;
  return {
    maxSeverity: uniform(id, "severity") < 0.8 ? "critical" : "important",
    maxBaseScore: Math.round(78 + uniform(id, "score") * 20) / 10,
    exploitedCves: Array.from({ length: exploited }, (_, nth) => ({
      number: number(nth),
      url: `https://msrc.microsoft.com/update-guide/vulnerability/${number(nth)}`,
    })),
  };
}
