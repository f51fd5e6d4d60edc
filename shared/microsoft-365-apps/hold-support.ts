import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import type { AppVersion } from "../app-versions/version.js";
import { type AuditEntry, audit } from "../audit/audit.js";
import { addDays, utcDate } from "../calendar/days.js";
import { nextPatchTuesday } from "../calendar/patch-tuesday.js";
import { listGroups, type StoredGroup } from "../groups/store.js";
import { finishOccasion, occasionOf } from "../messages/occasions.js";
import { officeVersions } from "./list.js";
import { isOneOf, supportedOffice } from "./versions.js";

/** Days before the end of a held version's support in which it is told of: enough to test the next one. */
const WARN_DAYS = 14;

/** Audit entries about the end of support of a version at which rings are held. */
export const HoldAct = {
  ending: "microsoft365Apps.heldVersionEnding",
  ended: "microsoft365Apps.heldVersionEnded",
} as const;
type HoldAct = (typeof HoldAct)[keyof typeof HoldAct];

const toldSchema = z.object({ group: z.string(), version: z.string(), rings: z.array(z.string()), ends: z.string() });

/** Rings of a group that are held at a version whose support ends or has ended. */
export interface EndingHold {
  readonly action: HoldAct;
  readonly version: string;
  readonly rings: readonly string[];
  /** Day on which the support ends or, once it has, the day of the look: `2024-06-11`. */
  readonly ends: string;
}

/**
 * The versions at which rings of a group are held and whose support is over or ends within two weeks: a hold has no end of
 * its own, and each monthly version puts the last but one out of support (autopatch.md §8.1).
 * @param list versions of Office
 * @param now ms
 */
export function endingHolds(
  { officePins = {} }: Pick<StoredGroup, "officePins">,
  list: readonly AppVersion[],
  now: number,
): EndingHold[] {
  const supported = supportedOffice(list, now);
  if (supported.length === 0) return [];
  const endsAt = nextPatchTuesday(now);
  const isNear = now >= addDays(endsAt, -WARN_DAYS);
  return [...new Set(Object.values(officePins).map(({ version }) => version))].flatMap((version): EndingHold[] => {
    const rings = Object.keys(officePins).filter((ring) => officePins[ring]?.version === version);
    if (!isOneOf(version, supported)) return [{ action: HoldAct.ended, version, rings, ends: utcDate(now) }];
    const isNewest = isOneOf(version, supported.slice(0, 1));
    return isNewest || !isNear ? [] : [{ action: HoldAct.ending, version, rings, ends: utcDate(endsAt) }];
  });
}

/** The daily look: tells of every such version once, and once more when its support has ended. May run again. @param now ms */
export async function lookAtHolds(now: number): Promise<number> {
  const { versions } = await officeVersions(now);
  let told = 0;
  for (const group of await listGroups()) {
    for (const ending of endingHolds(group, versions, now)) if (await tellOnce(group, ending, now)) told++;
  }
  return told;
}

async function tellOnce({ id, definition }: StoredGroup, ending: EndingHold, now: number): Promise<boolean> {
  const { action, version, rings, ends } = ending;
  const about = `${id} ${version} ${rings.join(", ")}`;
  const name = `${action} ${about}`;
  const occasion = await occasionOf(name, now);
  if (occasion.done) return false;
  const evidence = { group: definition.name, version, rings: [...rings], ends } satisfies z.infer<typeof toldSchema>;
  await audit({ at: occasion.at, actor: SERVICE, action, target: `group/${id}`, key: about, evidence });
  await finishOccasion(name, occasion);
  return true;
}

/** What people are told of such an entry; both entries about a version are about the same. */
export function holdNews({ action, target, evidence }: Pick<AuditEntry, "action" | "target" | "evidence">) {
  const { group, version, rings, ends } = toldSchema.parse(evidence);
  const isOver = action === HoldAct.ended;
  const where = `${rings.join(", ")} of ${group}`;
  const what = isOver
    ? `Microsoft 365 Apps ${version} get no security updates any more, and ${where} are held there`
    : `Microsoft 365 Apps ${version} get security updates until ${ends}, and ${where} are held there`;
  return {
    about: `office ${target} ${version}`,
    title: `Microsoft 365 Apps are held at a version that leaves support: ${group}`,
    text: `${what}. Resume the rings with POST /api/v1/${target.replace("group/", "groups/")}/apps/microsoft365Apps/resume.`,
    isOver,
  };
}
