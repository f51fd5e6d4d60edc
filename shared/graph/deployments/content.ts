import { z } from "zod";
import { type Graph, UPDATES } from "../graph.js";
import { bool, camelKeys, dateTime, text } from "../lenient.js";
import { segment } from "../odata.js";
import { absentWhenMissing } from "../settle.js";

/** What can be deployed by itself (graph.md §1.3). */
export const Category = { feature: "feature", quality: "quality", driver: "driver" } as const;
export type Category = (typeof Category)[keyof typeof Category];

/** An entry of the Windows updates catalogue. Instants are ms. */
export interface Content {
  readonly catalogEntryId: string;
  readonly category: Category;
  readonly name: string;
  readonly releasedAt: number | null;
  /** From then on it cannot be deployed any more; null: no such day is known. */
  readonly deployableUntil: number | null;
  readonly isExpeditable: boolean;
  /** Builds that it brings: `26100` of a feature update, `10.0.22631.3737` and so on of a quality update. */
  readonly builds: readonly string[];
}

const TYPE = "microsoft.graph.windowsUpdates";
const ENTRIES = `${UPDATES}/catalog/entries`;
const REVISIONS = `${TYPE}.qualityUpdateCatalogEntry/productRevisions`;

const instant = dateTime.transform((given) => (given === null ? null : Date.parse(given)));
const entrySchema = z.preprocess(
  camelKeys,
  z.object({
    "@odata.type": z.string(),
    id: z.string().min(1),
    displayName: text,
    version: text,
    buildNumber: text,
    releaseDateTime: instant,
    deployableUntilDateTime: instant,
    isExpeditable: bool,
    productRevisions: z.array(z.object({ id: text })).nullish(),
  }),
);

/** The entry, or undefined when the catalogue has none of that id: unknown, not yet published, or withdrawn. */
export async function findContent(graph: Graph, catalogEntryId: string): Promise<Content | undefined> {
  const path = `${ENTRIES}/${segment(catalogEntryId)}`;
  const entry = await absentWhenMissing(graph.get(path, { schema: entrySchema }));
  if (entry === undefined) return undefined;
  const [found] = contentOf(entry);
  if (found?.category !== Category.quality) return found;
  // Only entries of this type have revisions, and asking others for them is an error.
  return contentOf(await graph.get(path, { query: { $expand: REVISIONS }, schema: entrySchema }))[0];
}

/** Feature updates, and quality updates that can be expedited, the newest first. Drivers are not listed (graph.md §1.1). */
export async function listContent(graph: Graph): Promise<Content[]> {
  const query = { $orderby: "releaseDateTime desc" };
  const entries = await graph.list(ENTRIES, { query, schema: entrySchema });
  return entries
    .flatMap(contentOf)
    .filter(({ category, isExpeditable }) => category === Category.feature || isExpeditable);
}

/** The type under which the catalogue keeps content of a category. */
export function entryType(category: Category): string {
  return `#${TYPE}.${category}UpdateCatalogEntry`;
}

/** Types of entries that this app does not deploy are passed over. */
function contentOf(entry: z.output<typeof entrySchema>): Content[] {
  const category = Object.values(Category).find(
    (each) => entryType(each) === `#${entry["@odata.type"].replace("#", "")}`,
  );
  if (category === undefined) return [];
  const revisions = (entry.productRevisions ?? []).flatMap(({ id }) => id ?? []);
  return [
    {
      ...{ catalogEntryId: entry.id, category, name: entry.displayName ?? entry.version ?? entry.id },
      ...{ releasedAt: entry.releaseDateTime, deployableUntil: entry.deployableUntilDateTime },
      isExpeditable: entry.isExpeditable,
      builds: category === Category.feature && entry.buildNumber !== null ? [entry.buildNumber] : revisions,
    },
  ];
}
