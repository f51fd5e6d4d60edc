import { type CoManagedWorkloads, listManagedDevices, type ManagedDevice } from "../../graph/inventory.js";
import { type AssessmentCheck, AssessmentResult, ready } from "./check.js";

/** Workloads that Intune, or its pilot, must have of a co-managed device (autopatch.md §3.2 no. 6). */
const WORKLOADS = {
  windowsUpdateForBusiness: "Windows Update policies",
  deviceConfiguration: "Device configuration",
  officeApps: "Office Click-to-Run apps",
} as const satisfies Partial<Record<keyof CoManagedWorkloads, string>>;

export const coManagement: AssessmentCheck = {
  id: "coManagement",
  area: "Intune and Microsoft Entra",
  name: "Co-management",
  optional: false,
  permission: "DeviceManagementManagedDevices.Read.All",
  async run(graph) {
    const devices = [...(await listManagedDevices(graph)).values()].filter(isCoManaged);
    const subjects = Object.entries(WORKLOADS).flatMap(([key, name]) => {
      const elsewhere = devices.filter(({ coManagement: has }) => has?.[key as keyof typeof WORKLOADS] !== true);
      return elsewhere.length === 0 ? [] : [`${name}: ${elsewhere.length} devices`];
    });
    if (subjects.length === 0) return ready("Intune has the workloads that the service needs.");
    return {
      result: AssessmentResult.advisory,
      message: "Configuration Manager has workloads of co-managed devices that Intune must have.",
      todo: "Set these workloads to Intune or Pilot Intune in Configuration Manager; until then such devices are not registered.",
      subjects,
    };
  },
};

function isCoManaged({ managementAgent }: ManagedDevice): boolean {
  return /^configurationManagerClient/i.test(managementAgent ?? "");
}
