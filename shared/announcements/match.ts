import type { Release } from "../releases/store.js";
import { type Post, type ReleaseAnnouncement, Sign } from "./announcement.js";

type Candidate = Pick<Release, "id" | "update"> & { readonly state: Pick<Release["state"], "phase"> };

/** Longest text that is stored. */
const MOST_CHARACTERS = 2_000;

/**
 * Which releases a post is about: those of which it names a KB article or a build. A post that names no update of any
 * release but a Windows version is about the releases for that version that still run.
 */
export function matches<T extends Candidate>(
  post: Post,
  releases: readonly T[],
): { readonly release: T; readonly announcement: ReleaseAnnouncement }[] {
  const text = `${post.title} ${post.text}`;
  const found = (release: T, sign: Sign, matched: string) => ({
    release,
    announcement: { ...post, text: post.text.slice(0, MOST_CHARACTERS), matchedBy: sign, matched },
  });
  const named = releases.flatMap((release) => {
    const { revisions } = release.update;
    const kb = revisions.find((revision) => hasWord(text, revision.kb) || hasWord(text, revision.kb.slice(2)));
    if (kb !== undefined) return [found(release, Sign.kb, kb.kb)];
    const build = revisions.find((revision) => hasWord(text, revision.build.replace(/^10\.0\./, "")));
    return build === undefined ? [] : [found(release, Sign.build, build.build)];
  });
  // A post about an update that nobody here has had is about none of these.
  if (named.length > 0 || /\bKB\d{6,8}\b/i.test(text)) return named;
  return releases
    .filter(({ state }) => state.phase !== "ended")
    .flatMap((release) => {
      const { revisions } = release.update;
      const version = revisions.find((revision) => namesVersion(text, revision.product, revision.version));
      return version === undefined ? [] : [found(release, Sign.version, `${version.product} ${version.version}`)];
    });
}

function namesVersion(text: string, product: string, version: string): boolean {
  return product !== "" && version !== "" && hasWord(text, product) && hasWord(text, version);
}

function hasWord(text: string, word: string): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.])${escaped}(?![\\w]|\\.\\d)`, "i").test(text);
}
