import { AppError } from "../errors.js";
import { changeDocument } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { splitText } from "../store/long-text.js";
import { type Operation, safeKey } from "../store/table.js";
import { table } from "../store/tables.js";
import { type FeatureRelease, featureReleaseSchema, targets } from "./release.js";

const PARTITION = "release";
/** The row that stands for all releases; it sorts before every id. */
const VERSION_ROW = "!version";
const FIRST_ID = "0";
/** Tries of a change against others who write the same release. */
const TRIES = 6;

/** All releases together with the version of the whole, over which a new one is written. */
export interface ReleasesAtOnce {
  readonly releases: readonly Document<FeatureRelease>[];
  readonly version: string | undefined;
}

/** Reads the version first, so that what is written meanwhile makes `writeNew` fail rather than go unseen. */
export async function readReleases(): Promise<ReleasesAtOnce> {
  const version = (await (await table("FeatureReleases")).get(PARTITION, VERSION_ROW))?.etag;
  const releases: Document<FeatureRelease>[] = [];
  for await (const release of (await store()).all(PARTITION, { from: FIRST_ID })) releases.push(release);
  return { releases, version };
}

/** All releases in the order of their ids. */
export async function listFeatureReleases(): Promise<FeatureRelease[]> {
  const releases: FeatureRelease[] = [];
  for await (const { body } of (await store()).all(PARTITION, { from: FIRST_ID })) releases.push(body);
  return releases;
}

/** Throws `not_found`. */
export async function readFeatureRelease(id: string): Promise<Document<FeatureRelease>> {
  const found = await (await store()).get(PARTITION, id);
  if (found !== undefined) return found;
  const message = `There is no feature release ${id}. GET /api/v1/feature-releases lists them.`;
  throw new AppError("not_found", message, { field: "featureReleaseId" });
}

/**
 * Writes a new release and those from which it took groups: all or nothing, and only while no other release was made
 * since they were read.
 * @throws AppError `conflict` when one was, or when one of the others was changed
 */
export async function writeNew(
  release: FeatureRelease,
  others: readonly Document<FeatureRelease>[],
  version: string | undefined,
): Promise<void> {
  const mark = { rowKey: VERSION_ROW, values: {} };
  const operations: Operation[] = [
    version === undefined ? { kind: "insert", ...mark } : { kind: "replace", ...mark, etag: version },
    { kind: "insert", ...rowOf(release) },
    ...others.map(({ body, etag }): Operation => ({ kind: "replace", ...rowOf(body), etag })),
  ];
  await (await table("FeatureReleases")).commit(PARTITION, operations);
}

/**
 * Changes a release; who was faster is met by deciding anew.
 * @param change sees what there is now; gives it back as it is when there is nothing to change
 * @throws AppError `not_found`, what `change` throws, or `unavailable` when others go on writing
 */
export async function changeFeatureRelease(
  id: string,
  change: (release: FeatureRelease) => FeatureRelease,
): Promise<FeatureRelease> {
  const patience = { tries: TRIES, what: `feature release ${id}` };
  return changeDocument(await store(), () => readFeatureRelease(id), change, patience);
}

/** Ids of the releases at work for a group, the oldest first. */
export async function releasesTargeting(groupId: string): Promise<FeatureRelease[]> {
  const releases = (await listFeatureReleases()).filter((release) => targets(release, groupId));
  return releases.sort((a, b) => a.createdAt - b.createdAt);
}

function rowOf(release: FeatureRelease) {
  const values = { ...splitText("body", JSON.stringify(release)), id: release.id };
  return { rowKey: safeKey(release.id), values };
}

async function store(): Promise<Documents<FeatureRelease>> {
  return documents(await table("FeatureReleases"), featureReleaseSchema);
}
