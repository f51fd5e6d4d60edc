import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { changeGroup, GroupStatus, listGroups } from "../groups/store.js";
import { allowed } from "./phases.js";
import { policyName, ringsOf } from "./policy.js";
import { type FeatureRelease, FeatureStatus, type Phase, targets } from "./release.js";
import { type DevicesOf, devicesByRing } from "./ring-devices.js";
import { isDue } from "./schedule.js";
import { changeFeatureRelease, listFeatureReleases } from "./store.js";
import { withEndedUninstalls } from "./uninstall.js";

/**
 * Whether the automation has anything to look at: a release that reaches devices or will, a phase that is not in the
 * tenant yet, or a group to which its standing policy has to be given back.
 */
export async function hasFeatureWork(): Promise<boolean> {
  const releases = await listFeatureReleases();
  const isOpen = ({ status, pending }: Phase) =>
    pending || (status !== FeatureStatus.inactive && status !== FeatureStatus.canceled);
  if (releases.some(({ phases }) => phases.some(isOpen))) return true;
  return (await listGroups()).some(({ featureReleaseId }) => featureReleaseId !== undefined);
}

/**
 * Makes phases Active whose first date is at most 24 hours away (autopatch.md §6.2, row 76). Their policies follow: from
 * now on the release cannot be canceled there, so that no policy is made for what somebody has called off. They have as
 * many gradual groups as their devices allow now (§6.4, row 82).
 * @param now ms
 */
export async function startDuePhases(now: number): Promise<void> {
  const starting = (await listFeatureReleases()).filter(({ phases }) => phases.some((phase) => isStarting(phase, now)));
  if (starting.length === 0) return;
  const devicesOf = await devicesByRing();
  for (const { id, phases } of starting) {
    const before = new Set(phases.filter((phase) => isStarting(phase, now)).map(({ number }) => number));
    const release = await changeFeatureRelease(id, (present) => ({
      ...present,
      phases: present.phases.map((phase) => (isStarting(phase, now) ? begun(phase, devicesOf, now) : phase)),
    }));
    for (const phase of release.phases) {
      if (phase.startedAt === now && before.has(phase.number)) await noteStart(release, phase, now);
    }
  }
}

/**
 * Ends the uninstallation in rings whose window is over (autopatch.md §5.6): from now on no device goes back. Feature
 * updates stay paused there. @param now ms
 */
export async function endUninstalls(now: number): Promise<void> {
  for (const before of await listFeatureReleases()) {
    if (withEndedUninstalls(before, now) === before) continue;
    const after = await changeFeatureRelease(before.id, (present) => withEndedUninstalls(present, now));
    const rings = after.phases.flatMap((phase) => phase.rings).filter(({ uninstall }) => uninstall?.hasEnded);
    const evidence = { rings: rings.map(({ groupId, ring }) => ({ groupId, ring })) };
    const target = `feature-release/${before.id}`;
    await audit({ at: now, actor: SERVICE, action: "featureRelease.endUninstall", target, evidence, key: before.id });
  }
}

function begun(phase: Phase, devicesOf: DevicesOf, now: number): Phase {
  const { gradualGroups } = allowed({ ...phase, rings: ringsOf(phase) }, devicesOf);
  return { ...phase, gradualGroups, status: FeatureStatus.active, startedAt: now, pending: true };
}

function isStarting({ status, firstDate }: Phase, now: number): boolean {
  return status === FeatureStatus.scheduled && isDue(firstDate, now);
}

async function noteStart(release: FeatureRelease, phase: Phase, at: number): Promise<void> {
  const evidence = {
    phase: phase.number,
    firstDate: phase.firstDate,
    groups: phase.gradualGroups,
    policy: policyName(release, phase),
  };
  const target = `feature-release/${release.id}`;
  const key = `${release.id} ${phase.number}`;
  await audit({ at, actor: SERVICE, action: "featureRelease.startPhase", target, evidence, key });
}

/**
 * Takes the standing policy of the least version from groups in a custom release, and gives it back to those that are in
 * none any more (autopatch.md §6.1). Returns the ids of groups whose policies have to be written.
 */
export async function markGroups(): Promise<string[]> {
  const releases = (await listFeatureReleases()).sort((a, b) => a.createdAt - b.createdAt);
  const changed: string[] = [];
  for (const group of await listGroups()) {
    if (group.status === GroupStatus.deleting) continue;
    const wanted = releases.find((release) => targets(release, group.id))?.id;
    if (group.featureReleaseId === wanted) continue;
    await changeGroup(group.id, ({ featureReleaseId: _before, ...rest }) =>
      wanted === undefined ? rest : { ...rest, featureReleaseId: wanted },
    );
    changed.push(group.id);
  }
  return changed;
}
