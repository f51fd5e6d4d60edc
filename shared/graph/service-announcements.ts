import { z } from "zod";
import type { Graph } from "./graph.js";
import { dateTime, text } from "./lenient.js";

/** A message center post or a health issue, as much of it as matters (graph.md §4.1). */
export interface ServicePost {
  readonly id: string;
  readonly title: string;
  /** Everything it says, HTML. */
  readonly html: string;
  /** `stayInformed` …, or the status of an issue. */
  readonly status: string | null;
  /** ISO; null where Graph leaves it out. */
  readonly lastModifiedAt: string | null;
}

const body = z.object({ content: text }).nullish();

const messageSchema = z.object({
  id: z.string(),
  title: text,
  category: text,
  lastModifiedDateTime: dateTime,
  body,
});

const issueSchema = z.object({
  id: z.string(),
  title: text,
  status: text,
  impactDescription: text,
  lastModifiedDateTime: dateTime,
  startDateTime: dateTime,
  posts: z.array(z.object({ description: body })).nullish(),
});

const ROOT = "/admin/serviceAnnouncement";

/** Message center posts that changed since (ISO). Permission ServiceMessage.Read.All. */
export async function listServiceMessages(graph: Graph, since: string): Promise<ServicePost[]> {
  const messages = await graph.list(`${ROOT}/messages`, { ...changedSince(since), schema: messageSchema });
  return messages.map(({ id, title, category, lastModifiedDateTime, body: content }) => ({
    ...{ id, title: title ?? id, html: content?.content ?? "", status: category, lastModifiedAt: lastModifiedDateTime },
  }));
}

/** Health issues that changed since (ISO). Permission ServiceHealth.Read.All. */
export async function listServiceIssues(graph: Graph, since: string): Promise<ServicePost[]> {
  const issues = await graph.list(`${ROOT}/issues`, { ...changedSince(since), schema: issueSchema });
  return issues.map(({ id, title, status, impactDescription, posts, lastModifiedDateTime, startDateTime }) => ({
    ...{ id, title: title ?? id, status, lastModifiedAt: lastModifiedDateTime ?? startDateTime },
    html: [impactDescription, ...(posts ?? []).map((post) => post.description?.content)].filter(Boolean).join("\n"),
  }));
}

function changedSince(since: string) {
  return {
    version: "v1.0",
    query: { $filter: `lastModifiedDateTime gt ${since}` },
    headers: { Prefer: "odata.maxpagesize=100" },
  } as const;
}
