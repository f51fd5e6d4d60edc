import { z } from "zod";
import { DAY_MS, HOUR_MS, iso } from "../calendar/days.js";
import { instant } from "../schema.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type AppVersion, appVersionSchema, compareVersions } from "./version.js";

/** A public list of versions. */
export interface Source {
  /** Under which it is kept. */
  readonly id: string;
  /** For people: `Microsoft's list of Office releases`. */
  readonly title: string;
  readonly url: () => string;
  /** Reads the body leniently: what cannot be read is left out. Throws for what is no such list. */
  readonly read: (body: unknown) => AppVersion[];
}

/** A list as it was read last. */
const listSchema = z.object({
  versions: z.array(appVersionSchema),
  /** Null when it has never been read. */
  readAt: instant.nullable(),
  /** When it was last tried: later than `readAt` while the list is out of reach. */
  triedAt: instant,
  /** Why the last try failed; null when it did not. */
  problem: z.string().nullable(),
});
export type VersionList = z.infer<typeof listSchema>;

/** Longest wait for an answer, ms of wall time. */
const TIMEOUT_MS = 30_000;
/** A list that is out of reach is tried again after an hour, else after a day. */
const FRESH_MS = DAY_MS;
const RETRY_MS = HOUR_MS;
/** Versions that are kept of a channel. Publishers list some of the newest; what they leave out is remembered. */
const MOST_OF_A_CHANNEL = 60;

/**
 * The versions of a list, read at most once a day. While it is out of reach what was read before stands, and says so; a
 * list that was never read has no versions.
 * @param now ms
 */
export async function versionList(source: Source, now: number): Promise<VersionList> {
  const known = await kept(source);
  return known !== undefined && isFresh(known.body, now) ? known.body : read(source, known, now);
}

/** Reads the list now, whenever it was read before: for the day on which a version is expected. */
export async function refreshedList(source: Source, now: number): Promise<VersionList> {
  return read(source, await kept(source), now);
}

function isFresh({ triedAt, problem }: VersionList, now: number): boolean {
  const age = now - Date.parse(triedAt);
  return age >= 0 && age < (problem === null ? FRESH_MS : RETRY_MS);
}

async function read(source: Source, known: Document<VersionList> | undefined, now: number): Promise<VersionList> {
  const triedAt = iso(now);
  const found = await fetched(source);
  if (typeof found !== "string") {
    const versions = united(known?.body.versions ?? [], found);
    return keep(source, { versions, readAt: triedAt, triedAt, problem: null });
  }
  const before = known?.body ?? { versions: [], readAt: null };
  return keep(source, { ...before, triedAt, problem: `${source.title} could not be read: ${found}.` });
}

/** The versions, or in a sentence why there are none. */
async function fetched({ url, read: parse }: Source): Promise<AppVersion[] | string> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url(), { headers: { accept: "application/json" }, signal });
    if (!response.ok) return `it answered ${response.status}`;
    const versions = parse(await response.json());
    return versions.length > 0 ? versions : "it has no version that can be read";
  } catch (cause) {
    return cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
  }
}

/** What is listed now counts; what no longer is stays, the newest of each channel. */
function united(before: readonly AppVersion[], now: readonly AppVersion[]): AppVersion[] {
  const byVersion = new Map([...before, ...now].map((each) => [`${each.channel} ${each.version}`, each]));
  const all = [...byVersion.values()].sort((a, b) => compareVersions(b.version, a.version));
  const channels = [...new Set(all.map(({ channel }) => channel))].sort();
  return channels.flatMap((name) => all.filter(({ channel }) => channel === name).slice(0, MOST_OF_A_CHANNEL));
}

const PARTITION = "list";

async function keep({ id }: Source, list: VersionList): Promise<VersionList> {
  await (await store()).put(PARTITION, id, list);
  return list;
}

async function kept({ id }: Source): Promise<Document<VersionList> | undefined> {
  return (await store()).get(PARTITION, id);
}

async function store(): Promise<Documents<VersionList>> {
  return documents(await table("AppVersions"), listSchema);
}
