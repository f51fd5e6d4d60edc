import { dateParts } from "../calendar/days.js";
import { parseShortName } from "../calendar/names.js";
import { FocusArea } from "../tenant/contacts.js";
import { type QualityUpdate, updateKind } from "../updates/quality-update.js";
import { isQuality, type Update } from "../updates/update.js";
import { workloadFor } from "../workloads/index.js";
import { type MessageHead, MessageKind } from "./message.js";

const MONTHS = [
  ...["January", "February", "March", "April", "May", "June", "July"],
  ...["August", "September", "October", "November", "December"],
];

/** The message about an update of any workload, one for all Autopatch groups. */
export function updateMessage(update: Update): MessageHead {
  if (isQuality(update)) return qualityMessage(update);
  return {
    id: idOf(`${update.workload} ${update.catalogEntryId}`),
    kind: MessageKind.release,
    title: `${workloadFor(update).title}: ${update.shortName}`,
    areas: [FocusArea.updates],
  };
}

/**
 * The message about a quality update, one for all Autopatch groups: `June 2024 (2024.06 B) Windows quality update deployment`
 * (autopatch.md §11). The month's B release has it before the update is in the catalogue.
 */
export function qualityMessage(
  update: Pick<QualityUpdate, "shortName" | "releaseDate" | "cadence" | "classification">,
) {
  const kind = updateKind(update) === "OOB" ? MessageKind.outOfBand : MessageKind.release;
  const named = parseShortName(update.shortName) ?? dateParts(update.releaseDate);
  // A month may have several updates out of band, which the name does not tell apart.
  const day = kind === MessageKind.outOfBand ? ` ${update.releaseDate.slice(0, 10)}` : "";
  return {
    id: idOf(`${kind} ${update.shortName}${day}`),
    kind,
    title: `${MONTHS[named.month - 1]} ${named.year} (${update.shortName}) Windows quality update deployment`,
    areas: [FocusArea.updates],
  } satisfies MessageHead;
}

/** The message about a missed objective: a ring or group may miss it again later, which is another incident. */
export function incidentMessage(incident: {
  id: string;
  openedAt: string;
  update: string;
  /** Null: the whole group. */
  ring: string | null;
  group: string;
}) {
  const { update, ring, group } = incident;
  return {
    id: idOf(`incident ${incident.id} ${incident.openedAt.slice(0, 10)}`),
    kind: MessageKind.incident,
    title: `Service level objective missed: ${update} in ${ring === null ? group : `${ring} of ${group}`}`,
    areas: [FocusArea.updates],
  } satisfies MessageHead;
}

/** An advisory about one thing. @param areas whose contacts have to know */
export function advisoryMessage(about: string, title: string, areas: readonly FocusArea[]): MessageHead {
  return { id: idOf(`advisory ${about}`), kind: MessageKind.advisory, title, areas: [...areas] };
}

/** Ids stand in addresses. */
function idOf(text: string): string {
  return text.replace(/[^A-Za-z0-9.]+/g, "-").replace(/^-|-$/g, "");
}
