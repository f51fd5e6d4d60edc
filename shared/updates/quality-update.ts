import { parseShortName, type UpdateKind } from "../calendar/names.js";

/** What a quality update brings to one Windows version. */
export interface UpdateRevision {
  /** `Windows 11` */
  readonly product: string;
  /** `23H2` */
  readonly version: string;
  /** `10.0.22631.3737` */
  readonly build: string;
  /** `KB5039212` */
  readonly kb: string;
  /** Whether this revision installs without a restart. */
  readonly isHotpatch: boolean;
}

/** A quality update of the catalogue with its revision per Windows version (graph.md §1.2). */
export interface QualityUpdate {
  /** Told only where updates of several workloads stand beside each other. */
  readonly workload?: "quality";
  readonly catalogEntryId: string;
  /** `2024.06 B` */
  readonly shortName: string;
  readonly displayName: string;
  /** ISO; the catalogue writes midnight UTC of the release date. `publishedAt` gives the true instant. */
  readonly releaseDate: string;
  readonly classification: "security" | "nonSecurity";
  readonly cadence: "monthly" | "outOfBand";
  readonly isExpeditable: boolean;
  readonly revisions: readonly UpdateRevision[];
}

/** Kind of an update by its short name; an entry without a readable one is judged by cadence and classification. */
export function updateKind(update: Pick<QualityUpdate, "shortName" | "cadence" | "classification">): UpdateKind {
  const named = parseShortName(update.shortName);
  if (named !== undefined) return named.kind;
  if (update.cadence === "outOfBand") return "OOB";
  return update.classification === "security" ? "B" : "D";
}

/** Whether rings get the update by themselves: monthly security and out-of-band do, previews never (autopatch.md §5.1). */
export function becomesRelease(update: Pick<QualityUpdate, "shortName" | "cadence" | "classification">): boolean {
  const kind = updateKind(update);
  return kind === "B" || kind === "OOB";
}
