import { tagOf } from "../../graph/names.js";
import { withCount } from "../../graph/policies/configuration-area.js";
import { type DesiredPolicy, PolicyKind } from "../../graph/policies/types.js";

/** Hours between two scans of a device: what a pause takes to arrive (autopatch.md §5.4). */
const DETECTION_HOURS = 4;

/** Policies of all devices of the service (autopatch.md §10.1), assigned to the group that holds every ring group. */
export function tenantPolicies(allDevicesGroupId: string): DesiredPolicy[] {
  return [
    tenantPolicy(PolicyKind.dataCollection, "Data Collection", allDevicesGroupId, {
      allowTelemetry: "full",
      limitEnhancedDiagnosticData: true,
      limitDumpCollection: true,
      limitDiagnosticLogCollection: true,
    }),
    tenantPolicy(PolicyKind.detectionFrequency, "Windows Update Detection Frequency", allDevicesGroupId, {
      detectionFrequencyHours: DETECTION_HOURS,
    }),
  ];
}

/** No Autopatch group has an empty id, so that these tags stand apart from those of rings. */
function tenantPolicy(
  kind: PolicyKind,
  title: string,
  entraGroupId: string,
  values: DesiredPolicy["values"],
): DesiredPolicy {
  const tag = tagOf({ groupId: "", ringName: "" }, title);
  return {
    kind,
    tag,
    name: `Ringmaster - ${title} [${tag}]`,
    description: `${title} of all devices of the service. Kept by Ringmaster [${tag}]: changes made by hand are undone.`,
    values: withCount(values),
    entraGroupId,
    scopeTagIds: ["0"],
  };
}
