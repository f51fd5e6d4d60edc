import { featureEligibility } from "../../../shared/feature-devices/eligibility.js";
import type { Known } from "../../../shared/incidents/ring-compliance.js";
import { officeEligibility } from "../../../shared/microsoft-365-apps/eligibility.js";
import { type Update, Workload, workloadOf } from "../../../shared/updates/update.js";
import { Health } from "../../../shared/workloads/eligibility.js";
import { workloadFor } from "../../../shared/workloads/index.js";
import type { Apps } from "./apps.js";
import type { Register } from "./register.js";

/**
 * What the service knows of the devices when it looks at an objective (shared/incidents/look.ts): the register, what agents
 * told of apps, and who is labelled Healthy for the workload, by the product's own rules. @param now ms
 */
export function knownOf(register: Register, apps: Apps, update: Update, now: number): Known {
  const { reports } = workloadFor(update);
  const eligible = eligibleFor(register, apps, update, now);
  return {
    register: register.devices(),
    ...(reports === "inventory" ? { apps: apps.versions() } : {}),
    ...(eligible === undefined ? {} : { eligible: new Set(eligible) }),
  };
}

function eligibleFor(register: Register, apps: Apps, update: Update, now: number): string[] | undefined {
  switch (workloadOf(update)) {
    case Workload.feature:
      return [...register.devices().values()]
        .filter((record) => {
          const hardware = register.hardware(record.deviceId);
          return featureEligibility({ record, hardware, target: update.shortName, now }).label === Health.healthy;
        })
        .map(({ deviceId }) => deviceId);
    case Workload.microsoft365Apps:
      return apps
        .devices(register, now)
        .filter((device) => officeEligibility(device).label === Health.healthy)
        .map(({ deviceId }) => deviceId);
    default:
      return undefined;
  }
}
