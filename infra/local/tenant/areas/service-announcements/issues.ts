import type { Json } from "../../graph/types.js";
import { type KnownIssue, statusOf } from "../../release-health/known-issues.js";
import { dateText } from "../../world.js";

const html = (content: string) => ({ contentType: "html", content });

/** A known issue as service health lists it (graph.md §4.1). */
export function issueJson(issue: KnownIssue, now: number): Json {
  const { id, title, description, startedAt, confirmedAt, resolved } = issue;
  const posts = [
    { at: startedAt, text: `${description} We are investigating reports.` },
    ...(now < confirmedAt ? [] : [{ at: confirmedAt, text: `${description} The issue is confirmed.` }]),
    ...(resolved === undefined ? [] : [{ at: resolved.at, text: `The issue is resolved by ${resolved.revision.kb}.` }]),
  ];
  return {
    id,
    title,
    service: "Windows",
    feature: "Quality updates",
    featureGroup: "Windows release health",
    classification: "advisory",
    status: statusOf(issue, now),
    origin: "microsoft",
    isResolved: resolved !== undefined,
    impactDescription: description,
    highImpact: false,
    startDateTime: dateText(startedAt),
    endDateTime: resolved === undefined ? null : dateText(resolved.at),
    lastModifiedDateTime: dateText(posts.at(-1)?.at ?? startedAt),
    details: [],
    posts: posts.map(({ at, text }) => ({
      createdDateTime: dateText(at),
      postType: "regular",
      description: html(text),
    })),
  };
}
