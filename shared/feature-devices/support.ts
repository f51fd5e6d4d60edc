import { Support, supportAt } from "../feature-releases/catalogue.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import { groupBy } from "../ledger/collections.js";
import type { DeviceRecord } from "../registration/device.js";
import { parseBuild } from "../updates/build.js";
import { Health } from "../workloads/eligibility.js";
import { featureEligibility } from "./eligibility.js";
import type { FeatureLook, Member, MemberLook } from "./look.js";
import { type Objective, objectiveOf, SUPPORTED_PERCENT } from "./objective.js";
import { endOfSupport, versionOfBuild } from "./windows.js";

/** How long Windows gets security updates on a device. */
export interface DeviceSupport {
  /** `Windows 11, version 23H2`; null for a build that the table of versions does not have. */
  readonly version: string | null;
  /** Null where Intune does not know the version. */
  readonly support: Support | null;
  /** ms; null where nobody says. */
  readonly endsAt: number | null;
}

/** The support of a device's Windows at an instant (ms), by version and edition. */
export function supportOf(
  { managed }: Pick<DeviceRecord, "managed">,
  catalogue: readonly FeatureVersion[],
  at: number,
): DeviceSupport {
  const build = parseBuild(managed?.osVersion ?? "")?.major;
  if (build === undefined) return { version: null, support: null, endsAt: null };
  const endsAt = endOfSupport(build, managed?.skuFamily ?? null, catalogue);
  return { version: versionOfBuild(build, catalogue), support: supportAt({ endOfSupport: endsAt }, at), endsAt };
}

/** Devices of a group on a version whose support has ended or ends within two months. */
export interface EndingVersion {
  readonly groupId: string;
  readonly groupName: string;
  readonly version: string;
  readonly support: Support;
  /** ms */
  readonly endsAt: number;
  readonly deviceIds: readonly string[];
}

/**
 * Versions on devices whose support has ended or ends within two months, by group (autopatch.md §6.4): the soonest first.
 * Where editions end on different days each is on its own.
 */
export function endingVersions({ members, catalogue }: MemberLook, now: number): EndingVersion[] {
  const ending = members.flatMap((member) => {
    const { version, support, endsAt } = supportOf(member.record, catalogue, now);
    if (version === null || endsAt === null || support === null || support === Support.supported) return [];
    return [{ ...member, version, support, endsAt }];
  });
  const versions = groupBy(ending, ({ group, version, endsAt }) => `${group.id}\n${version}\n${endsAt}`);
  return [...versions.values()]
    .flatMap(([first, ...rest]): EndingVersion[] => {
      if (first === undefined) return [];
      const { group, version, support, endsAt } = first;
      const deviceIds = [first, ...rest].map(({ record }) => record.deviceId);
      return [{ groupId: group.id, groupName: group.definition.name, version, support, endsAt, deviceIds }];
    })
    .sort((a, b) => a.endsAt - b.endsAt || (a.groupId < b.groupId ? -1 : 1));
}

/**
 * At least 99 % of the Healthy devices on a supported version, at any time (autopatch.md §6.1, row 81). A device whose
 * version nobody knows is on none.
 */
export function onSupported({ members, devices, catalogue }: FeatureLook, now: number): Objective {
  const judged = new Map(devices.map((device) => [device.record.deviceId, device.eligibility]));
  const isHealthy = ({ record }: Member) => {
    const eligibility = judged.get(record.deviceId) ?? featureEligibility({ record, hardware: {}, target: "", now });
    return eligibility.label === Health.healthy;
  };
  const healthy = members.filter(isHealthy);
  const supported = healthy.filter(({ record }) => {
    const { support } = supportOf(record, catalogue, now);
    return support === Support.supported || support === Support.ending;
  });
  return objectiveOf(SUPPORTED_PERCENT, supported.length, healthy.length);
}
