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

/** A safeguard hold: Windows Update keeps a feature update from devices that match a known issue (autopatch.md §12). */
export interface SafeguardHold {
  /** 8 digits. */
  readonly id: string;
  readonly issueId: string;
  readonly title: string;
  readonly text: string;
  readonly status: string | null;
  readonly url: string | null;
  /** `Windows 11, version 24H2`: versions of which the issue is known. */
  readonly versions: readonly string[];
}

const article = z.object({ id: text }).nullish().catch(null);

const productSchema = z.preprocess(
  camelKeys,
  z.object({
    id: z.string(),
    name: text,
    knownIssues: z
      .array(
        z.object({
          id: z.string(),
          title: text,
          description: text,
          status: text,
          webViewUrl: text,
          lastUpdatedDateTime: dateTime,
          safeguardHoldIds: z.array(z.int()).nullish().catch(null),
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
  const products = await listProducts(graph);
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

/** The safeguard holds of known issues, each once, in the order of their ids (graph.md §1.2, §7 I1). */
export async function listSafeguardHolds(graph: Graph): Promise<SafeguardHold[]> {
  const holds = new Map<string, SafeguardHold>();
  for (const { name, knownIssues } of await listProducts(graph)) {
    for (const { id: issueId, title, description, status, webViewUrl, safeguardHoldIds } of knownIssues ?? []) {
      for (const number of safeguardHoldIds ?? []) {
        const id = String(number).padStart(8, "0");
        const versions = new Set([...(holds.get(id)?.versions ?? []), ...(name === null ? [] : [name])]);
        const said = { title: title ?? issueId, text: description ?? "", url: webViewUrl };
        const stands = { issueId, status: status === null ? null : lowerFirst(status), versions: [...versions] };
        holds.set(id, { id, ...said, ...stands });
      }
    }
  }
  return [...holds.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function listProducts(graph: Graph): Promise<z.infer<typeof productSchema>[]> {
  return graph.list(`${UPDATES}/products`, { query: { $expand: EXPAND }, schema: productSchema });
}

function kbOf(id: string | null | undefined): string | null {
  const digits = /\d{6,8}/.exec(id ?? "")?.[0];
  return digits === undefined ? null : `KB${digits}`;
}
