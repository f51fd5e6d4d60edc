import type { AppVersion } from "../app-versions/version.js";
import { compareVersions } from "../app-versions/version.js";
import { AppError } from "../errors.js";
import type { OfficePin } from "../groups/office-pin.js";
import type { StoredGroup } from "../groups/store.js";
import { HoldAct } from "../inventory/workloads.js";
import { monthlyVersionOf, previousOffice } from "./versions.js";

export interface HoldInput {
  readonly act: HoldAct;
  /** Default: all rings of the group. */
  readonly rings?: readonly string[] | undefined;
  /** Version to roll back to, `2403` or `16.0.17425.20140`. Default: the one before the newest. */
  readonly version?: string | undefined;
}

/** How a ring shall be held; null: not at all. */
export interface RingHold {
  readonly ring: string;
  readonly pin: OfficePin | null;
}

/**
 * What an act makes of the rings of a group (autopatch.md §8.1): a pause and a rollback hold them at the version before
 * the newest one, a pause with everything that is installed. Refused as a whole, before anything is changed.
 * @param list versions of Office
 * @param now ms
 * @throws AppError `rule_violated` naming the rule
 */
export function holdsOf(group: StoredGroup, input: HoldInput, list: readonly AppVersion[], now: number): RingHold[] {
  const { definition, officePins = {} } = group;
  if (!definition.updateTypes.microsoft365Apps) {
    const message = `Microsoft 365 Apps are blocked in Autopatch group ${group.id}, and its policies say nothing about them. Allow them first.`;
    throw refused("workload", "microsoft365AppsBlocked", message);
  }
  const names = definition.rings.map(({ name }) => name);
  const rings = [...new Set(input.rings ?? names)];
  const unknown = rings.find((ring) => !names.includes(ring));
  if (unknown !== undefined) {
    throw refused("rings", "unknownRing", `There is no ring ${unknown} in ${group.id}; it has ${names.join(", ")}.`);
  }
  if (input.act === HoldAct.resume) return resumed(rings, officePins, input.rings === undefined);
  const target = targetOf(input, list, now);
  const keepsInstalled = input.act === HoldAct.pause;
  return rings.map((ring) => {
    refuseHeld(ring, officePins[ring], keepsInstalled, target);
    return { ring, pin: { version: target.version, keepsInstalled } };
  });
}

/** Of the rings that are named all have to be held; of a whole group those that are. */
function resumed(rings: readonly string[], pins: Readonly<Record<string, OfficePin>>, whole: boolean): RingHold[] {
  const free = rings.find((ring) => pins[ring] === undefined);
  const held = rings.filter((ring) => pins[ring] !== undefined);
  if (held.length > 0 && (whole || free === undefined)) return held.map((ring) => ({ ring, pin: null }));
  throw refused("rings", "notHeld", `Ring ${free} is neither paused nor rolled back, so there is nothing to resume.`);
}

/** The version before the newest one: an older one is out of support, a newer one is no rollback. */
function targetOf({ version }: HoldInput, list: readonly AppVersion[], now: number): AppVersion {
  const previous = previousOffice(list, now);
  if (previous === undefined) {
    throw refused(
      "version",
      "noVersionBefore",
      "The list of Office versions has none before the newest one, or has never been read. GET app-versions says why.",
    );
  }
  const wanted = version === undefined || version === previous.name || version === previous.version;
  if (wanted) return previous;
  const known = monthlyVersionOf(version, list) ?? list.find(({ name }) => name === version);
  const what =
    known === undefined
      ? `${version} is no version of the Monthly Enterprise Channel`
      : `${version} is not the version before the newest one`;
  throw refused(
    "version",
    "onlyVersionBefore",
    `${what}. Microsoft 365 Apps go back to ${previous.name} (${previous.version}) only. Choose that, or leave the version out.`,
  );
}

/** A ring that is held already stays where it is, unless a paused one is to be rolled back. */
function refuseHeld(ring: string, pin: OfficePin | undefined, keepsInstalled: boolean, target: AppVersion): void {
  if (pin === undefined) return;
  if (compareVersions(pin.version, target.version) < 0) {
    const message = `Ring ${ring} is held at ${pin.version}, which is older than ${target.version}: that would be an update. Resume the ring instead.`;
    throw refused("rings", "heldAtOlderVersion", message);
  }
  if (keepsInstalled && !pin.keepsInstalled) {
    const message = `Ring ${ring} is rolled back to ${pin.version} and gets no newer version. Resume it before it can be paused.`;
    throw refused("rings", "rolledBack", message);
  }
}

function refused(field: string, rule: string, message: string): AppError {
  return new AppError("rule_violated", `${field}: ${message} Nothing was changed.`, { field, details: { rule } });
}
