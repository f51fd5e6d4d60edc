import type { AppVersion } from "../app-versions/version.js";
import { addDays } from "../calendar/days.js";
import type { StoredGroup } from "../groups/store.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { deferralDaysOf } from "./schedule.js";
import { monthlyVersions } from "./versions.js";

/** What a monthly version is called in place of an entry of the update catalogue, which has none. */
export function officeEntryId({ name }: Pick<AppVersion, "name">): string {
  return `Microsoft 365 Apps ${name}`;
}

/**
 * What a monthly version of Office brings to a group, for the release that measures it there: rings take it after their
 * delay. The version before it is supported for as long as this one is the newest, so that it satisfies the objective.
 * @param list as the publisher has it
 */
export function officeUpdateOf(
  version: AppVersion,
  list: readonly AppVersion[],
  { definition }: StoredGroup,
): WorkloadUpdate {
  const at = Date.parse(version.publishedAt);
  const before = monthlyVersions(list, at).find(({ name }) => name !== version.name);
  const key = officeEntryId(version);
  return {
    workload: Workload.microsoft365Apps,
    catalogEntryId: key,
    ...{ shortName: key, displayName: `${key} (${version.version})`, releaseDate: version.publishedAt },
    revisions: [
      { product: "Microsoft 365 Apps", version: version.name, build: version.version, kb: key, isHotpatch: false },
    ],
    ...(before === undefined ? {} : { satisfiedBy: before.version }),
    opens: Object.fromEntries(
      definition.rings.map(({ name }) => [name, { at: addDays(at, deferralDaysOf(definition, name)) }]),
    ),
  };
}
