import { z } from "zod";
import { type Graph, UPDATES } from "./graph.js";
import { camelKeys, dateTime, lowerFirst, text } from "./lenient.js";

/** A known issue of a Windows version (graph.md §1.2). */
export interface KnownIssue {
  /** `WI1190001` */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly status: string | null;
  readonly url: string | null;
  /** `KB5070001`: where it came from, and what resolves it. */
  readonly originatingKb: string | null;
  readonly resolvingKb: string | null;
  readonly lastModifiedAt: string | null;
}

const article = z.object({ id: text }).nullish().catch(null);

const productSchema = z.preprocess(
  camelKeys,
  z.object({
    id: z.string(),
    knownIssues: z
      .array(
        z.object({
          id: z.string(),
          title: text,
          description: text,
          status: text,
          webViewUrl: text,
          lastUpdatedDateTime: dateTime,
          originatingKnowledgeBaseArticle: article,
          resolvingKnowledgeBaseArticle: article,
        }),
      )
      .nullish(),
  }),
);

const EXPAND = "knownIssues($expand=originatingKnowledgeBaseArticle,resolvingKnowledgeBaseArticle)";

/** The known issues of all Windows versions, each once. Needs no permission beside that of the catalogue. */
export async function listKnownIssues(graph: Graph): Promise<KnownIssue[]> {
  const products = await graph.list(`${UPDATES}/products`, { query: { $expand: EXPAND }, schema: productSchema });
  const issues = products.flatMap(({ knownIssues }) => knownIssues ?? []);
  const found = issues.map((issue) => ({
    ...{ id: issue.id, title: issue.title ?? issue.id, text: issue.description ?? "", url: issue.webViewUrl },
    status: issue.status === null ? null : lowerFirst(issue.status),
    originatingKb: kbOf(issue.originatingKnowledgeBaseArticle?.id),
    resolvingKb: kbOf(issue.resolvingKnowledgeBaseArticle?.id),
    lastModifiedAt: issue.lastUpdatedDateTime,
  }));
  return [...new Map(found.map((issue) => [issue.id, issue])).values()];
}

function kbOf(id: string | null | undefined): string | null {
  const digits = /\d{6,8}/.exec(id ?? "")?.[0];
  return digits === undefined ? null : `KB${digits}`;
}
