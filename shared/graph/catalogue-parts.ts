import type { UpdateRevision } from "../updates/quality-update.js";
import type { CatalogueUpdate } from "./catalogue.js";
import { lowerFirst } from "./lenient.js";

/** The two catalogues name their members differently; this is what both say of an update. */
export interface UpdateParts {
  readonly id: string | null;
  readonly displayName: string | null;
  readonly shortName: string | null;
  readonly releaseDateTime: string | null;
  readonly classification: string | null;
  readonly cadence: string | null;
  readonly isExpeditable: boolean;
  readonly cveSeverity: CatalogueUpdate["cveSeverity"];
  readonly revisions: readonly RevisionParts[];
}

export interface RevisionParts {
  readonly product: string | null;
  readonly version: string | null;
  readonly build: string | null;
  readonly kb: string | null;
  readonly isHotpatch: boolean;
}

/** The update, or nothing for a hollow one: without id, name or release date. */
export function updatesFrom(parts: UpdateParts): CatalogueUpdate[] {
  const { id, displayName, releaseDateTime, isExpeditable, cveSeverity } = parts;
  const shortName = parts.shortName ?? /\d{4}\.\d{2} [A-Z]+/.exec(displayName ?? "")?.[0];
  if (id === null || releaseDateTime === null || shortName === undefined) return [];
  return [
    {
      catalogEntryId: id,
      shortName,
      displayName: displayName ?? shortName,
      releaseDate: releaseDateTime.slice(0, 10),
      classification: lowerFirst(parts.classification ?? "") === "security" ? "security" : "nonSecurity",
      cadence: lowerFirst(parts.cadence ?? "") === "outOfBand" ? "outOfBand" : "monthly",
      isExpeditable,
      cveSeverity: cveSeverity && {
        ...cveSeverity,
        maxSeverity: cveSeverity.maxSeverity && lowerFirst(cveSeverity.maxSeverity),
      },
      revisions: parts.revisions.flatMap(revisionsFrom),
    },
  ];
}

function revisionsFrom({ product, version, build, kb, isHotpatch }: RevisionParts): UpdateRevision[] {
  const digits = /\d{6,8}/.exec(kb ?? "")?.[0];
  if (build === null || !/^10\.0\.\d{5}\.\d{1,6}$/.test(build) || digits === undefined) return [];
  return [{ product: product ?? "", version: version ?? "", build, kb: `KB${digits}`, isHotpatch }];
}
