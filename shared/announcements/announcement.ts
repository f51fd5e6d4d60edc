import { z } from "zod";
import type { KnownIssue } from "../graph/known-issues.js";
import type { ServicePost } from "../graph/service-announcements.js";

export const Source = {
  messageCenter: "messageCenter",
  serviceHealth: "serviceHealth",
  /** Windows release health, by the products of the Windows updates API. */
  releaseHealth: "releaseHealth",
} as const;
export type Source = (typeof Source)[keyof typeof Source];

/** What of a release a post names; a version alone is the weakest sign. */
export const Sign = { kb: "kb", build: "build", version: "version" } as const;
export type Sign = (typeof Sign)[keyof typeof Sign];

export const announcementSchema = z.object({
  /** That of the source: `MC…`, `WI…`. */
  id: z.string(),
  source: z.enum(Source),
  title: z.string(),
  /** Plain text, cut to 2,000 characters. */
  text: z.string(),
  status: z.string().nullable(),
  url: z.string().nullable(),
  /** ISO. */
  lastModifiedAt: z.string().nullable(),
  matchedBy: z.enum(Sign),
  /** What was found in the text: `KB5039212`. */
  matched: z.string(),
});
/** A post of Microsoft's about a release. */
export type ReleaseAnnouncement = z.infer<typeof announcementSchema>;

/** A post of any source, before it is known what it is about. */
export type Post = Omit<ReleaseAnnouncement, "matchedBy" | "matched">;

const MOST_CHARACTERS = 2_000;

export function postOf(source: Source, { id, title, html, status, lastModifiedAt }: ServicePost): Post {
  return { id, source, title, text: plainText(html), status, url: null, lastModifiedAt };
}

/** A known issue names the update it came from, and the one that resolves it. */
export function postOfIssue({ originatingKb, resolvingKb, ...issue }: KnownIssue): Post {
  const origin = originatingKb === null ? "" : ` Originating update: ${originatingKb}.`;
  const end = resolvingKb === null ? "" : ` Resolved by: ${resolvingKb}.`;
  const { id, title, status, url, lastModifiedAt, text } = issue;
  const all = `${plainText(text).slice(0, MOST_CHARACTERS - 100)}${origin}${end}`.trim();
  return { id, source: Source.releaseHealth, title, text: all, status, url, lastModifiedAt };
}

/** HTML as text: no markup, entities that occur in such posts, single blanks. */
export function plainText(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ")
    .trim();
}
