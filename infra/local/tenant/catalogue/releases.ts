import { readFileSync } from "node:fs";
import { UpdateKind } from "../../../../shared/calendar/names.js";
import { publishedAt } from "../../../../shared/calendar/publication.js";
import { dataFile } from "../../../../shared/data-file.js";
import { hexId } from "../state/ids.js";
import { type CatalogueEntry, type Revision, severityOf } from "./entry.js";

/** An update to add to the catalogue. */
export interface Publication {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly kind: UpdateKind;
  readonly revisions: readonly Revision[];
  /** Default: 10:00 Pacific of the date. */
  readonly publishedAt?: number;
  /** Default: previews (C, D) are nonSecurity, everything else is security. */
  readonly classification?: "security" | "nonSecurity";
}

const FILE = "infra/local/tenant/data/windows-releases.csv";

/** The real releases of Windows 10 22H2 and Windows 11 23H2 and 24H2: one entry per date and kind. */
export function seedEntries(): CatalogueEntry[] {
  const groups = new Map<string, Publication & { revisions: Revision[] }>();
  const [, ...lines] = readFileSync(dataFile(FILE), "utf8").trim().split(/\r?\n/);
  for (const line of lines) {
    const [date = "", type = "", product = "", version = "", build = "", kb = ""] = line.split(",");
    const kind = UpdateKind[type as UpdateKind];
    const group = groups.get(`${date} ${kind}`) ?? { date, kind, revisions: [] };
    group.revisions.push({ product, version, build: `10.0.${build}`, kb });
    groups.set(`${date} ${kind}`, group);
  }
  return [...groups.values()].map((group) => entryOf(group, hexId("quality update", group.date, group.kind)));
}

/** The catalogue entry for an update. */
export function entryOf(update: Publication, id: string): CatalogueEntry {
  const { date, kind, revisions } = update;
  const preview = kind === UpdateKind.C || kind === UpdateKind.D;
  const classification = update.classification ?? (preview ? "nonSecurity" : "security");
  const security = classification === "security";
  return {
    id,
    date,
    kind,
    classification,
    cadence: kind === UpdateKind.OOB ? "outOfBand" : "monthly",
    isExpeditable: security,
    severity: security ? severityOf(id, date) : null,
    revisions,
    publishedAt: update.publishedAt ?? publishedAt({ releaseDate: date }),
  };
}
