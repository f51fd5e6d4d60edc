import { shortName, UpdateKind } from "../../../../../shared/calendar/names.js";
import type { CatalogueEntry } from "../../catalogue/entry.js";
import type { Json } from "../../graph/types.js";
import { announcementNumber } from "../../release-health/known-issues.js";
import { dateText, type World } from "../../world.js";

/** A message center post speaks of its update for so long. */
const SHOWN_MS = 60 * 86_400_000;

/** The updates that the message center announces: monthly ones and those out of band, from their publication. */
export function announcedUpdates({ catalogue, clock }: World): CatalogueEntry[] {
  return catalogue.published(clock.now()).filter(({ kind }) => kind === UpdateKind.B || kind === UpdateKind.OOB);
}

/** The message center post about an update (graph.md §4.1). */
export function messageJson(entry: CatalogueEntry): Json {
  const name = shortName(entry.date, entry.kind);
  const isUrgent = entry.kind === UpdateKind.OOB;
  const revisions = entry.revisions.map(
    ({ product, version, kb, build }) => `<li>${product}, version ${version}: ${kb} (OS build ${build.slice(5)})</li>`,
  );
  const content = `<p>The Windows update ${name} is available.</p><ul>${revisions.join("")}</ul>`;
  return {
    id: `MC${announcementNumber(entry, "message")}`,
    title: isUrgent
      ? `Out-of-band Windows update ${name} is available`
      : `Windows security update ${name} is available`,
    startDateTime: dateText(entry.publishedAt),
    endDateTime: dateText(entry.publishedAt + SHOWN_MS),
    lastModifiedDateTime: dateText(entry.publishedAt),
    category: isUrgent ? "preventOrFixIssue" : "stayInformed",
    severity: isUrgent ? "high" : "normal",
    isMajorChange: false,
    actionRequiredByDateTime: null,
    services: ["Windows"],
    tags: ["User impact"],
    details: entry.revisions.map(({ kb }) => ({
      name: "ExternalLink",
      value: `https://support.microsoft.com/help/${kb.slice(2)}`,
    })),
    body: { contentType: "html", content },
    hasAttachments: false,
    viewPoint: null,
  };
}
