import type { EdgeChannel } from "../../../../shared/edge/versions.js";
import { instanceSchema, namedValue } from "../../../../shared/graph/policies/catalogue-settings.js";
import type { Values } from "../../../../shared/graph/policies/types.js";
import { assignedTo, type Target } from "../areas/intune/assignments.js";
import type { World } from "../world.js";

/** What Intune tells a device about its apps. */
export interface AppPolicy {
  readonly office?: {
    /** Days by which updates are delayed, and until they are forced. */
    readonly deferralDays: number;
    readonly deadlineDays: number;
    readonly automatic: boolean;
    /** The version to be on; null follows the channel. */
    readonly target: string | null;
  };
  readonly edge?: { readonly channel: EdgeChannel };
}

interface PolicyRow {
  readonly id: string;
  readonly targets: readonly Target[];
  readonly settings: readonly { readonly settingInstance: unknown }[];
}

/** The app policies of devices by object id; devices without one are not in it. Of several the newest counts. */
export function appPolicies({ store, directory }: World): ReadonlyMap<string, AppPolicy> {
  const found = new Map<string, AppPolicy>();
  for (const row of store.table<PolicyRow>("configurationPolicies").all()) {
    const policy = policyOf(row);
    if (policy.office === undefined && policy.edge === undefined) continue;
    const { include, exclude } = assignedTo(row.id, row.targets);
    const without = new Set(exclude.flatMap((groupId) => directory.transitiveMembers(groupId)));
    for (const id of include.flatMap((groupId) => directory.transitiveMembers(groupId))) {
      if (!without.has(id)) found.set(id, { ...found.get(id), ...policy });
    }
  }
  return found;
}

function policyOf({ settings }: PolicyRow): AppPolicy {
  return appPolicyOf(
    Object.fromEntries(settings.map(({ settingInstance }) => namedValue(instanceSchema.parse(settingInstance)))),
  );
}

/** What the settings of a policy, by our names, say about apps. */
export function appPolicyOf(values: Values): AppPolicy {
  const { officeUpdateChannel, officeUpdateDeferralDays = 0, officeUpdateDeadlineDays = 0 } = values;
  const office = {
    deferralDays: Number(officeUpdateDeferralDays),
    deadlineDays: Number(officeUpdateDeadlineDays),
    automatic: values.officeAutomaticUpdates !== false,
    target: typeof values.officeTargetVersion === "string" ? values.officeTargetVersion : null,
  };
  const channel = values.edgeTargetChannel;
  return {
    ...(officeUpdateChannel === undefined ? {} : { office }),
    ...(typeof channel === "string" ? { edge: { channel: channel as EdgeChannel } } : {}),
  };
}
