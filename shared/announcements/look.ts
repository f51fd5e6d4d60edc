import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { DAY_MS, iso } from "../calendar/days.js";
import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { listKnownIssues } from "../graph/known-issues.js";
import { listServiceIssues, listServiceMessages } from "../graph/service-announcements.js";
import { listQualityReleases, type Release } from "../releases/store.js";
import { type Post, postOf, postOfIssue, type ReleaseAnnouncement, Source } from "./announcement.js";
import { matches } from "./match.js";
import { announcementsAbout, putAnnouncement } from "./store.js";

/** What is said of a release is followed for so long after its publication. */
const FOLLOWED_DAYS = 60;
/** Permissions are optional (graph.md §8): what may not be read is left out, and the assessment of the tenant says so. */
const SOURCES: readonly ((graph: Graph, since: string) => Promise<Post[]>)[] = [
  async (graph, since) => (await listServiceMessages(graph, since)).map((post) => postOf(Source.messageCenter, post)),
  async (graph, since) => (await listServiceIssues(graph, since)).map((post) => postOf(Source.serviceHealth, post)),
  async (graph) => (await listKnownIssues(graph)).map(postOfIssue),
];

/**
 * Reads what Microsoft says, and keeps what is about a release (autopatch.md §5.8, graph.md §4.1, §1.2). Asks nothing
 * while there is no release that it could be about. May run again.
 * @param now domain time, ms
 * @returns how many announcements are new or changed
 * @throws AppError `throttled` or `unavailable`, after keeping what could be read
 */
export async function lookAtAnnouncements(graph: Graph, now: number): Promise<number> {
  const since = now - FOLLOWED_DAYS * DAY_MS;
  const releases = (await listQualityReleases()).filter(({ publishedAt }) => publishedAt >= since);
  if (releases.length === 0) return 0;
  const outages: AppError[] = [];
  const posts: Post[] = [];
  for (const read of SOURCES) {
    try {
      posts.push(...(await read(graph, iso(since))));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.retryable) outages.push(error);
    }
  }
  // Release health and service health tell the same known issues; the later source says more of them (graph.md §4.1).
  const distinct = [...new Map(posts.map((post) => [post.id, post])).values()];
  const kept = await keep(distinct, releases, now);
  const [outage] = outages;
  if (outage !== undefined) throw outage;
  return kept;
}

async function keep(posts: readonly Post[], releases: readonly Release[], now: number): Promise<number> {
  const known = new Map<string, ReleaseAnnouncement[]>();
  let kept = 0;
  for (const { release, announcement } of posts.flatMap((post) => matches(post, releases))) {
    const before = known.get(release.id) ?? (await announcementsAbout(release.id));
    known.set(release.id, before);
    const same = before.find(({ id }) => id === announcement.id);
    if (same !== undefined && JSON.stringify(same) === JSON.stringify(announcement)) continue;
    await note(release, announcement, now);
    await putAnnouncement(release.id, announcement);
    kept++;
  }
  return kept;
}

function note(
  { id }: Release,
  { id: announcementId, source, title, status, ...rest }: ReleaseAnnouncement,
  at: number,
) {
  const evidence = { announcementId, source, title, status, lastModifiedAt: rest.lastModifiedAt };
  const key = `${id} ${announcementId} ${rest.lastModifiedAt}`;
  return audit({ at, actor: SERVICE, action: "release.announcement", target: `release/${id}`, key, evidence });
}
