import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import { type AuditEntry, audit } from "../audit/audit.js";
import { utcDate } from "../calendar/days.js";
import { Support } from "../feature-releases/catalogue.js";
import type { Graph } from "../graph/graph.js";
import { finishOccasion, occasionOf } from "../messages/occasions.js";
import { lookAtMembers } from "./look.js";
import { type EndingVersion, endingVersions } from "./support.js";

const toldSchema = z.object({ group: z.string(), version: z.string(), ends: z.string(), devices: z.int() });

/** Audit entries about the end of support of a Windows version in an Autopatch group. */
export const LifecycleAct = { ending: "featureVersion.ending", ended: "featureVersion.ended" } as const;

/**
 * The daily look: tells of every version on devices of a group whose support ends within two months, once, and once more
 * when it has ended (autopatch.md §6.4). May run again. @param now ms
 * @returns how many things were told
 */
export async function lookAtLifecycle(graph: Graph, now: number): Promise<number> {
  let told = 0;
  for (const ending of endingVersions(await lookAtMembers(graph), now)) {
    if (await tellOnce(ending, now)) told++;
  }
  return told;
}

async function tellOnce(ending: EndingVersion, now: number): Promise<boolean> {
  const { groupId, groupName, version, support, endsAt, deviceIds } = ending;
  const action = support === Support.ended ? LifecycleAct.ended : LifecycleAct.ending;
  const ends = utcDate(endsAt);
  const name = `${action} ${groupId} ${version} ${ends}`;
  const occasion = await occasionOf(name, now);
  if (occasion.done) return false;
  const evidence = { group: groupName, version, ends, devices: deviceIds.length } satisfies z.infer<typeof toldSchema>;
  const target = `group/${groupId}`;
  await audit({ at: occasion.at, actor: SERVICE, action, target, key: `${groupId} ${version} ${ends}`, evidence });
  await finishOccasion(name, occasion);
  return true;
}

/** What people read of such an entry. */
export interface LifecycleNews {
  /** What it is about, the same for both entries about a version. */
  readonly about: string;
  readonly title: string;
  readonly text: string;
}

/** What people are told of the end of a version's support. */
export function lifecycleNews({ action, target, evidence }: AuditEntry): LifecycleNews {
  const { group, version, ends, devices } = toldSchema.parse(evidence);
  const on = `${devices} ${devices === 1 ? "device" : "devices"} of ${group}`;
  const what =
    action === LifecycleAct.ended
      ? `${version} gets no security updates since ${ends}, and ${on} still have it`
      : `${version} gets security updates until ${ends} only, and ${on} have it`;
  const act = `Bring them to a later version with POST /api/v1/feature-releases; GET /api/v1/feature-devices?version= lists them.`;
  return {
    about: `version ${target} ${version} ${ends}`,
    title: `The support of ${version} ends on ${ends}: ${group}`,
    text: `${what}. ${act}`,
  };
}
