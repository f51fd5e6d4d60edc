import { z } from "zod";
import { utcDate } from "../../shared/calendar/days.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { Support, supportAt } from "../../shared/feature-releases/catalogue.js";
import { cancelRelease, editDates, pausePhases, resumePhases } from "../../shared/feature-releases/commands.js";
import {
  createFeatureRelease,
  type FeatureReleaseForm,
  featureReleaseForm,
  previewForm,
  previewPhases,
} from "../../shared/feature-releases/create.js";
import { ringVersionSchema, ringVersions } from "../../shared/feature-releases/group-versions.js";
import {
  type Decision,
  type FeatureRelease,
  FeatureStatus,
  reasonSchema,
  statusOf,
} from "../../shared/feature-releases/release.js";
import { devicesByRing } from "../../shared/feature-releases/ring-devices.js";
import { changeFeatureRelease, listFeatureReleases, readFeatureRelease } from "../../shared/feature-releases/store.js";
import { ringRef } from "../../shared/feature-releases/uninstall.js";
import {
  featureReleaseSchema,
  featureReleaseView,
  plannedView,
  previewSchema,
} from "../../shared/feature-releases/view.js";
import { graphClient } from "../../shared/graph/client.js";
import { listFeatureVersions } from "../../shared/graph/feature-versions.js";
import { readGroup } from "../../shared/groups/store.js";
import { startOnce } from "../../workflows/client.js";
import { FEATURE_RELEASES } from "../../workflows/names.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { note } from "./note.js";
import { listOf, newestFirst, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";
import { refuseForeignGroups, whollyWithinScope } from "./scope.js";

const RELEASES = "feature-releases";
export const RELEASE = `${RELEASES}/{featureReleaseId}`;
export const answer = { about: "The feature release.", schema: featureReleaseSchema };

const versionSchema = z.object({
  version: z.string(),
  released: z.iso.date().nullable(),
  endOfSupport: z.iso.date().nullable(),
  support: z.enum(Support),
});

export const featureReleasesCatalogue = route({
  name: "featureReleasesCatalogue",
  method: "GET",
  path: `${RELEASES}/catalogue`,
  role: "Reader",
  act: "list Windows versions",
  answer: { about: "Windows versions that can be deployed, with their support.", schema: listOf(versionSchema) },
  run: async () => {
    const dateOf = (at: number | null) => (at === null ? null : utcDate(at));
    const value = (await listFeatureVersions(graphClient())).map((each) => ({
      version: each.version,
      released: dateOf(each.releasedAt),
      endOfSupport: dateOf(each.endOfSupport),
      support: supportAt(each, clock.now()),
    }));
    return json({ value });
  },
});

const listQuery = z.strictObject({ status: z.enum(FeatureStatus).optional() });

export const featureReleasesList = route({
  name: "featureReleasesList",
  method: "GET",
  path: RELEASES,
  role: "Reader",
  act: "list feature releases",
  query: listQuery,
  page: true,
  answer: { about: "Feature releases, the newest first; none is ever deleted.", schema: pageOf(featureReleaseSchema) },
  run: async (call) => {
    const { status } = call.asked;
    const releases = await whollyWithinScope(call.actor, await listFeatureReleases());
    const wanted = releases.filter((each) => status === undefined || statusOf(each) === status);
    const [devices, now] = [await devicesByRing(), clock.now()];
    const views = wanted.map((release) => featureReleaseView(release, devices, now));
    return json(paged(call, views, ({ createdAt, id }) => `${newestFirst(createdAt)} ${id}`));
  },
});

export const featureReleasesGet = route({
  name: "featureReleasesGet",
  method: "GET",
  path: RELEASE,
  role: "Reader",
  act: "read a feature release",
  answer: { ...answer, etag: true },
  run: async (call) => shown(await found(call)),
});

export const featureReleasesPreview = route({
  name: "featureReleasesPreview",
  method: "POST",
  path: `${RELEASES}/preview`,
  role: "Reader",
  act: "preview a feature release",
  body: previewForm,
  answer: {
    about: "Phases with their goal dates; ring n of every group in phase n unless the call says otherwise.",
    schema: previewSchema,
  },
  run: async ({ actor, body }) => {
    await refuseForeignGroups(actor, body.groups);
    const { version, phases } = await previewPhases(body, await creation());
    const devices = await devicesByRing();
    const planned = phases.map((phase, index) =>
      plannedView(phase, { number: index + 1, build: version.build }, devices),
    );
    return json({ phases: planned });
  },
});

export const featureReleasesCreate = route({
  name: "featureReleasesCreate",
  method: "POST",
  path: RELEASES,
  role: "Administrator",
  act: "create a feature release",
  body: featureReleaseForm,
  answer: { ...answer, status: 201 },
  run: async (call) => {
    const { actor, body } = call;
    await refuseForeignGroups(actor, body.groups);
    const [id, options] = [call.newId(), await creation()];
    await noteCreation(call, id, options);
    return accepted(call, await createFeatureRelease(id, body, actor, options), 201);
  },
});

const datesBody = z.strictObject({
  phases: z
    .array(z.strictObject({ phase: z.int().min(1), firstDate: z.iso.date() }))
    .min(1)
    .max(100),
});

export const featureReleasesEditDates = route({
  name: "featureReleasesEditDates",
  method: "PUT",
  path: `${RELEASE}/dates`,
  role: "Administrator",
  act: "edit the dates of a feature release",
  body: datesBody,
  ifMatch: true,
  answer,
  run: async (call) => {
    const known = await creation();
    return decide(call, "editDates", (release) => editDates(release, call.body.phases, known));
  },
});

const phases = z
  .array(z.int().min(1))
  .min(1)
  .max(100)
  .optional()
  .describe("Numbers of phases; default: every one that permits it.");
const rings = z.array(ringRef).min(1).max(1000).optional().describe("Rings; default: all rings of the phases.");
const pauseBody = z.strictObject({ ...reasonSchema.shape, phases, rings });

export const featureReleasesPause = route({
  name: "featureReleasesPause",
  method: "POST",
  path: `${RELEASE}/pause`,
  role: "Administrator",
  act: "pause a feature release",
  body: pauseBody,
  ifMatch: true,
  answer: { ...answer, status: 202 },
  run: (call) => decide(call, "pause", (release) => pausePhases(release, call.body, because(call))),
});

export const featureReleasesResume = route({
  name: "featureReleasesResume",
  method: "POST",
  path: `${RELEASE}/resume`,
  role: "Administrator",
  act: "resume a feature release",
  body: z.strictObject({ phases, rings }),
  ifMatch: true,
  answer: { ...answer, status: 202 },
  run: (call) => decide(call, "resume", (release) => resumePhases(release, call.body)),
});

export const featureReleasesCancel = route({
  name: "featureReleasesCancel",
  method: "POST",
  path: `${RELEASE}/cancel`,
  role: "Administrator",
  act: "cancel a feature release",
  body: z.strictObject(reasonSchema.shape),
  ifMatch: true,
  answer,
  run: (call) => decide(call, "cancel", (release) => cancelRelease(release, because(call))),
});

export const groupsFeatureVersions = route({
  name: "groupsFeatureVersions",
  method: "GET",
  path: "groups/{groupId}/feature-versions",
  role: "Reader",
  act: "read the Windows versions that policies bring a group to",
  answer: { about: "Rings with their policies; the latest version wins.", schema: listOf(ringVersionSchema) },
  run: async (call) => {
    const { body } = await readGroup(param(call, "groupId"));
    return json({ value: await ringVersions(graphClient(), body) });
  },
});

/**
 * Carries a decision out on the release that the caller saw, and has it brought to the tenant. The log comes first, so
 * that nothing is changed that it does not tell; what is refused is not in it.
 */
export async function decide(
  call: Call<unknown>,
  act: "editDates" | "pause" | "resume" | "cancel" | "uninstall",
  change: (release: FeatureRelease) => FeatureRelease,
) {
  const seen = await found(call);
  const decided = (present: FeatureRelease) => {
    refuseOtherVersion(call, versionOf(present));
    return change(present);
  };
  await noteDecision(call, act, decided(seen), call.body as Readonly<Record<string, unknown>>);
  const release = await changeFeatureRelease(seen.id, decided);
  return accepted(call, release, act === "editDates" || act === "cancel" ? 200 : 202);
}

/** Decisions are kept: where their way to the tenant cannot be begun, the automation goes it. */
async function accepted(call: Call<unknown>, release: FeatureRelease, status: number) {
  if (release.phases.some(({ pending }) => pending) || status === 201) {
    const instance = `feature-release:${release.id}:${call.newId()}`;
    await startOnce(call.client, FEATURE_RELEASES, instance, { automation: false }).catch((error: unknown) =>
      call.context.warn(error),
    );
  }
  return { ...(await shown(release)), status };
}

async function shown(release: FeatureRelease) {
  const body = featureReleaseView(release, await devicesByRing(), clock.now());
  return versioned(json(body), versionOf(release));
}

/** What the service itself notes of a phase on its way to the tenant is no change of the release. */
function versionOf({ phases: all }: FeatureRelease): unknown {
  return all.map(({ number, status, firstDate, rings, because: why }) => {
    const decided = rings.map(({ suspended: _held, ...ring }) => ring);
    return [number, status, firstDate, decided, why];
  });
}

async function creation() {
  return { catalogue: await listFeatureVersions(graphClient()), now: clock.now() };
}

export function because({ actor, body }: Call<z.infer<typeof reasonSchema>>): Decision {
  const { reason, text } = body;
  const said = text === undefined ? { reason } : { reason, text };
  return { ...said, at: clock.now(), by: { id: actor.id, name: actor.name } };
}

/** The release that the path names. Throws `not_found`, also where a group of it is not the caller's to see. */
export async function found(call: Call<unknown>): Promise<FeatureRelease> {
  const { body } = await readFeatureRelease(param(call, "featureReleaseId"));
  const [mine] = await whollyWithinScope(call.actor, [body]);
  if (mine !== undefined) return mine;
  const message = `There is no feature release ${body.id} whose groups you may all see. GET /api/v1/feature-releases lists those.`;
  throw new AppError("not_found", message, { field: "featureReleaseId" });
}

/** The log comes first here too. What is refused, or made already by a call that was cut off, is not noted. */
async function noteCreation(
  call: Call<FeatureReleaseForm>,
  id: string,
  options: Parameters<typeof previewPhases>[1],
): Promise<void> {
  const name = call.body.name.toLowerCase();
  if ((await listFeatureReleases()).some((release) => release.id === id || release.name.toLowerCase() === name)) return;
  const planned = (await previewPhases(call.body, options)).phases;
  const after = planned.map(({ firstDate }, index) => ({
    number: index + 1,
    status: FeatureStatus.scheduled,
    firstDate,
  }));
  const evidence = { ...call.body, after };
  await note(call.actor, "featureRelease.create", `feature-release/${id}`, { evidence });
}

async function noteDecision(
  { actor }: Call<unknown>,
  act: string,
  { id, phases: all }: FeatureRelease,
  evidence: Readonly<Record<string, unknown>>,
): Promise<void> {
  const after = all.map(({ number, status, firstDate }) => ({ number, status, firstDate }));
  await note(actor, `featureRelease.${act}`, `feature-release/${id}`, { evidence: { ...evidence, after } });
}
