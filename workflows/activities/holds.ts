import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { config } from "../../shared/config.js";
import { graphClient } from "../../shared/graph/client.js";
import { watched } from "../../shared/graph/watched.js";
import { type DeviceRow, ledger } from "../../shared/ledger/index.js";
import { type Examination, examinationOf, examineDevices } from "../../shared/releases/examination.js";
import { type HoldDevices, holdDevices, noteHold } from "../../shared/releases/hold-devices.js";
import type { CohortHold } from "../../shared/releases/holds.js";
import * as likelyIssues from "../../shared/releases/likely-issue-devices.js";
import { isUninstalled } from "../../shared/releases/ring-state.js";
import type { SettledHold } from "../../shared/releases/settled-holds.js";
import { listRings, type Release, readRelease } from "../../shared/releases/store.js";
import { activity } from "../durable.js";
import { releaseRef } from "./release.js";
import { releaseOffering } from "./release-offering.js";

const gateCountsSchema = z.object({
  failures: z.number().min(0),
  nEff: z.number().min(0),
  pTol: z.number().positive(),
  holdEvidence: z.number().positive(),
});

/** Tests every cohort of a release by its devices in the ledger (gate.md §5). Changes nothing. */
export const examineCohorts = activity({
  name: "examineCohorts",
  input: releaseRef.extend({ gate: gateCountsSchema }),
  run: async ({ releaseId, gate }): Promise<Examination> => {
    const [release, uninstalled, devices] = await known(releaseId);
    return examineDevices(devices, examinationOf(release, uninstalled, gate));
  },
});

/**
 * Brings ledger and directory to what a hold says: the cohort's devices are held and in its directory group, exempt ones
 * are set aside only, and once it is over nobody is held. The ledger first, so that no wave takes a held device.
 */
export const settleHold = activity({
  name: "settleHold",
  input: releaseRef.extend({ hold: z.custom<CohortHold>((value) => typeof value === "object" && value !== null) }),
  run: async ({ releaseId, hold }, { at }): Promise<SettledHold & { readonly replicationSeconds: number }> => {
    const [release, uninstalled, devices] = await known(releaseId);
    const concerned = holdDevices(hold, devices, uninstalled);
    await noteHold(await ledger(), releaseId, hold, concerned);
    const groupId = hold.ended === null ? await fillHoldGroup(release, hold, concerned, at) : hold.groupId;
    // Policies may name a new group once it has replicated (graph.md §1.9).
    const replicationSeconds = hold.groupId === null && groupId !== null ? config().GROUP_REPLICATION_SECONDS : 0;
    return { groupId, rings: concerned.rings, reported: concerned.reported, replicationSeconds };
  },
});

/** Holds the devices of rings that are like those which failed (gate.md §6). */
export const holdLikelyIssues = activity({
  name: "holdLikelyIssues",
  input: releaseRef.extend({ rings: z.array(z.string().min(1)).min(1), pTol: z.number().positive() }),
  run: async ({ releaseId, rings, pTol }) =>
    likelyIssues.hold(await ledger(), releaseId, { rings, pTol, uninstalled: await uninstalledIn(releaseId) }),
});

/** Lets those devices go. Returns by ring how many wait for the update. */
export const freeLikelyIssues = activity({
  name: "freeLikelyIssues",
  input: releaseRef,
  run: async ({ releaseId }) => likelyIssues.free(await ledger(), releaseId),
});

/** Rings where people had the update uninstalled. */
async function uninstalledIn(releaseId: string): Promise<string[]> {
  return (await listRings(releaseId)).filter(({ state }) => isUninstalled(state)).map(({ ring }) => ring);
}

async function known(releaseId: string) {
  const [release, uninstalled] = await Promise.all([readRelease(releaseId), uninstalledIn(releaseId)]);
  return [release, uninstalled, await (await ledger()).devices(releaseId)] as const;
}

/** The hold's directory group with exactly the held devices; one audit entry if anything was written. */
async function fillHoldGroup(
  { id, groupId, groupName }: Release,
  hold: CohortHold,
  { held, free }: HoldDevices,
  at: number,
): Promise<string> {
  const { graph, hasWritten } = watched(graphClient());
  const tenant = await releaseOffering(id, graph);
  try {
    const made = await tenant.createHoldGroup({
      releaseKey: id,
      groupId,
      groupName,
      holdId: hold.id,
      cohort: hold.cohort,
    });
    await tenant.addWaveMembers(made.groupId, objectsOf(held));
    await tenant.removeWaveMembers(made.groupId, objectsOf(free));
    return made.groupId;
  } finally {
    const target = `release/${id}/hold/${hold.id}`;
    const evidence = { cohort: hold.cohort, held: held.length, exempt: free.length };
    if (hasWritten()) await audit({ at, actor: SERVICE, action: "release.hold.group", target, evidence, key: target });
  }
}

/** Devices whose directory object is not known are in no group that could offer them anything. */
const objectsOf = (devices: readonly DeviceRow[]): string[] =>
  devices.flatMap(({ objectId }) => (objectId === "" ? [] : [objectId]));
