import { z } from "zod";
import type { Actor } from "../access/roles.js";
import { AppError } from "../errors.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import { listGroups, type StoredGroup } from "../groups/store.js";
import type { DeviceRecord } from "../registration/device.js";
import { listDevices } from "../registration/store.js";
import { checkVersion, type KnownVersion } from "./catalogue.js";
import { checkFirstDate, checkOrder, lastStart } from "./dates.js";
import { MAX_GRADUAL, rolloutOf } from "./gradual-groups.js";
import { checkFree, chosenGroups, floorsOf } from "./groups.js";
import { checkDevices } from "./newer-devices.js";
import { checkPhases, type PlannedPhase, proposedPhases } from "./phases.js";
import { type FeatureRelease, FeatureStatus, type Phase, refused, targets, withoutGroup } from "./release.js";
import { ringDevices } from "./ring-devices.js";
import { earliestDate, GRADUAL_DAYS } from "./schedule.js";
import { readReleases, writeNew } from "./store.js";

/** Longest name, so that names of policies stay below 200 characters. */
const MAX_NAME = 64;
/** Most days between two gradual groups. */
const MAX_DAYS_BETWEEN = 30;

const date = z.iso.date();
const gradualGroups = z.int().min(1).max(MAX_GRADUAL);
const daysBetween = z.int().min(1).max(MAX_DAYS_BETWEEN).default(GRADUAL_DAYS).describe("Days between gradual groups.");
const groups = z.array(z.string()).min(1).max(300);
const phase = z.strictObject({
  rings: z.array(z.strictObject({ groupId: z.string(), ring: z.string() })),
  firstDate: date.describe("First day of the offer, in UTC; tomorrow at the earliest."),
  gradualGroups: gradualGroups.optional().describe("Default: 1, or as `lastDate` says."),
  lastDate: date.optional().describe("Day of the last gradual group, in place of `gradualGroups`."),
  daysBetween,
});

export const previewForm = z.strictObject({
  version: z.string().min(1).describe("As the feature catalogue names it: Windows 11, version 24H2."),
  groups,
  firstDate: date.optional().describe("Of the first phase where `phases` is left out; default: tomorrow."),
  gradualGroups: gradualGroups.default(1).describe("Of each phase where `phases` is left out."),
  daysBetween,
  phases: z.array(phase).min(1).max(100).optional().describe("Default: ring n of every group in phase n."),
});
export type PreviewForm = z.infer<typeof previewForm>;

export const featureReleaseForm = z.strictObject({
  name: z.string().trim().min(1).max(MAX_NAME),
  description: z.string().max(1000).default(""),
  ...previewForm.shape,
});
export type FeatureReleaseForm = z.infer<typeof featureReleaseForm>;

/** What a creation needs besides its input. */
export interface CreateOptions {
  readonly catalogue: readonly FeatureVersion[];
  /** ms */
  readonly now: number;
}

/** Tries against others who make a release at the same moment. */
const TRIES = 6;

/**
 * A new release. Groups that leave an Active release for it are that one's no more. A second call with the id of the
 * first finds what that made.
 * @throws AppError `rule_violated` naming the rule, and then nothing is changed
 */
export async function createFeatureRelease(
  id: string,
  form: FeatureReleaseForm,
  actor: Pick<Actor, "id" | "name">,
  options: CreateOptions,
): Promise<FeatureRelease> {
  for (let attempt = 1; ; attempt++) {
    const { releases, version } = await readReleases();
    const made = releases.find(({ body }) => body.id === id);
    if (made !== undefined) return made.body;
    const others = releases.map(({ body }) => body);
    refuseTakenName(form.name, others);
    const [stored, devices] = [await listGroups(), await listDevices()];
    const phases = phasesOf(form, stored, devices, options.now);
    const existing = { groups: stored, devices, releases: others, ...options };
    const { chosen, version: known } = checkPlan(form, phases, existing);
    const release = newRelease(id, form, phases, { actor, build: known.build, now: options.now });
    const left = releases
      .filter(({ body }) => chosen.some((group) => targets(body, group.id)))
      .map((document) => ({
        ...document,
        body: chosen.reduce((body, group) => withoutGroup(body, group.id, id), document.body),
      }));
    try {
      await writeNew(release, left, version);
      return release;
    } catch (error) {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
      if (attempt === TRIES)
        throw new AppError("unavailable", "Others keep making feature releases. Try again in a moment.");
    }
  }
}

/** The phases that a release would have, held against every rule but that of its name. */
export async function previewPhases(
  form: PreviewForm,
  options: CreateOptions,
): Promise<{ version: KnownVersion; phases: readonly PlannedPhase[] }> {
  const [stored, devices, { releases }] = [await listGroups(), await listDevices(), await readReleases()];
  const phases = phasesOf(form, stored, devices, options.now);
  const existing = { groups: stored, devices, releases: releases.map(({ body }) => body), ...options };
  return { version: checkPlan(form, phases, existing).version, phases };
}

/** The phases of the form, or ring n of every group in phase n (autopatch.md §6.2, row 74). */
function phasesOf(
  form: PreviewForm,
  stored: readonly StoredGroup[],
  devices: readonly DeviceRecord[],
  now: number,
): readonly PlannedPhase[] {
  if (form.phases !== undefined)
    return form.phases.map((each, index) => ({ rings: each.rings, ...rolloutOf(each, `phases[${index}]`) }));
  const { firstDate = earliestDate(now), gradualGroups: groupCount, daysBetween: days } = form;
  const first = { firstDate, gradualGroups: groupCount, daysBetween: days };
  return proposedPhases(chosenGroups(form.groups, stored), first, ringDevices(devices));
}

interface Existing extends CreateOptions {
  readonly groups: readonly StoredGroup[];
  readonly devices: readonly DeviceRecord[];
  readonly releases: readonly FeatureRelease[];
}

function checkPlan(
  form: { readonly version: string; readonly groups: readonly string[] },
  phases: readonly PlannedPhase[],
  { groups: stored, devices, releases, catalogue, now }: Existing,
): { chosen: StoredGroup[]; version: KnownVersion } {
  const chosen = chosenGroups(form.groups, stored);
  checkFree(chosen, releases);
  checkPhases(phases, chosen);
  for (const [index, { firstDate }] of phases.entries()) checkFirstDate(firstDate, `phases[${index}].firstDate`, now);
  checkOrder(phases, (index) => `phases[${index}].firstDate`);
  const floors = floorsOf(chosen, releases);
  const version = checkVersion(form.version, catalogue, { at: lastStart(phases), floors });
  checkDevices(version, form.groups, devices);
  return { chosen, version };
}

/** Policies carry the name of their release, and releases stay for ever. */
function refuseTakenName(name: string, releases: readonly FeatureRelease[]): void {
  const taken = releases.find((release) => release.name.toLowerCase() === name.toLowerCase());
  if (taken === undefined) return;
  const message = `there is a feature release ${taken.name} already, and releases are never deleted; choose another name`;
  throw refused("nameTaken", "name", message, { releaseId: taken.id });
}

function newRelease(
  id: string,
  { name, description, version, groups: groupIds }: FeatureReleaseForm,
  phases: readonly PlannedPhase[],
  { actor, build, now }: { readonly actor: Pick<Actor, "id" | "name">; readonly build: number; readonly now: number },
): FeatureRelease {
  return {
    ...{ id, name, description, version, build, groupIds: [...new Set(groupIds)] },
    phases: phases.map(
      ({ rings, ...plan }, index): Phase => ({
        number: index + 1,
        rings: rings.map((ring) => ({ ...ring, movedTo: null })),
        ...plan,
        ...{ status: FeatureStatus.scheduled, because: null, policyId: null, startedAt: null, pending: false },
      }),
    ),
    createdAt: now,
    createdBy: { id: actor.id, name: actor.name },
  };
}
