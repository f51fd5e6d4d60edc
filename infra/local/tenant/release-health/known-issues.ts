import { UpdateKind } from "../../../../shared/calendar/names.js";
import { uniform } from "../../../../shared/random.js";
import type { CatalogueEntry, Revision } from "../catalogue/entry.js";
import type { World } from "../world.js";

const DAY_MS = 86_400_000;
/** From the publication of an update until its issue is known. */
const FOUND_AFTER_MS = 3 * DAY_MS;
/** From then until it is confirmed. */
const CONFIRMED_AFTER_MS = DAY_MS;

const SYMPTOMS = [
  ["Printing may stall", "Some printers that are shared on a network stop after the first page."],
  ["VPN connections may fail", "Connections that need a certificate may fail at the first attempt."],
  ["Remote Desktop sessions may end", "Sessions may end when the client's window changes its size."],
  ["The taskbar may not respond", "After sign-in the taskbar may not respond for some minutes."],
  ["Profile pictures may not change", "An error may appear when people change their profile picture."],
] as const;

/** Something that an update broke, as release health tells it; invented, one for each monthly update. */
export interface KnownIssue {
  /** `WI…` */
  readonly id: string;
  readonly entry: CatalogueEntry;
  /** The revision that brought it. */
  readonly revision: Revision;
  readonly title: string;
  readonly description: string;
  /** Domain time, ms. */
  readonly startedAt: number;
  readonly confirmedAt: number;
  /** Once the next monthly update is out, which resolves it. */
  readonly resolved?: { readonly at: number; readonly revision: Revision };
}

/** The issues known by now, oldest first; they depend on the catalogue alone. */
export function knownIssues({ catalogue, clock }: World): KnownIssue[] {
  const now = clock.now();
  const monthly = catalogue.published(now).filter(({ kind }) => kind === UpdateKind.B);
  return monthly.flatMap((entry, at) => {
    const startedAt = entry.publishedAt + FOUND_AFTER_MS;
    const revision = entry.revisions.at(-1);
    return revision === undefined || startedAt > now ? [] : [issueOf(entry, revision, startedAt, monthly[at + 1])];
  });
}

/** A six-digit number that depends on the update alone, for ids as Microsoft writes them. */
export function announcementNumber({ id }: CatalogueEntry, purpose: string): number {
  return 100_000 + Math.floor(uniform("announcement", purpose, id) * 900_000);
}

function issueOf(
  entry: CatalogueEntry,
  revision: Revision,
  startedAt: number,
  next: CatalogueEntry | undefined,
): KnownIssue {
  const [symptom, description] = SYMPTOMS[Math.floor(uniform("symptom", entry.id) * SYMPTOMS.length)] ?? SYMPTOMS[0];
  const fix = next?.revisions.find(({ version }) => version === revision.version) ?? next?.revisions.at(-1);
  return {
    id: `WI${announcementNumber(entry, "issue")}`,
    entry,
    revision,
    title: `${symptom} after installing ${revision.kb}`,
    description: `${description} It concerns ${revision.product}, version ${revision.version} with ${revision.kb} (build ${revision.build}).`,
    startedAt,
    confirmedAt: startedAt + CONFIRMED_AFTER_MS,
    ...(next === undefined || fix === undefined ? {} : { resolved: { at: next.publishedAt, revision: fix } }),
  };
}

/** `reported`, a day later `confirmed`, and `resolved` (graph.md §1.2). */
export function statusOf({ confirmedAt, resolved }: KnownIssue, now: number): "reported" | "confirmed" | "resolved" {
  if (resolved !== undefined) return "resolved";
  return now >= confirmedAt ? "confirmed" : "reported";
}
