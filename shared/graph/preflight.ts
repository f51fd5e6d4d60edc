import { z } from "zod";
import { AppError } from "../errors.js";
import { failuresOf } from "./batch-read.js";
import { type Graph, INTUNE, UPDATES } from "./graph.js";
import { hasPlan, listSkus, ServicePlan } from "./licences.js";
import { withQuery } from "./odata.js";
import { modelOf } from "./offering/offering.js";
import type { OfferingModel } from "./offering/types.js";

export interface Finding {
  /** Stable name, e.g. `licence.updates`, `permission.managedDevices`. */
  readonly check: string;
  /** `missing` stops quality updates, `limited` only changes how they are done. */
  readonly status: "ok" | "limited" | "missing";
  /** What was found and, unless ok, what to do. */
  readonly message: string;
}

export interface Preflight {
  readonly ready: boolean;
  /** Undefined when neither model can be used. */
  readonly model?: OfferingModel;
  readonly findings: readonly Finding[];
}

/** Service plans that quality updates need (graph.md §3.5). */
const plans = [
  { check: "licence.updates", id: ServicePlan.deploymentService, name: "the Windows update deployment service" },
  { check: "licence.intune", id: ServicePlan.intune, name: "Microsoft Intune" },
] as const;

/** One harmless read per permission (graph.md §8); writes need the same or a larger grant. */
const probes = [
  {
    check: "permission.catalogue",
    path: `${UPDATES}/catalog/entries`,
    grant: "WindowsUpdates.ReadWrite.All",
  },
  {
    check: "permission.updateRings",
    path: `${INTUNE}/deviceConfigurations`,
    grant: "DeviceManagementConfiguration.ReadWrite.All",
  },
  {
    check: "permission.managedDevices",
    path: `${INTUNE}/managedDevices`,
    grant: "DeviceManagementManagedDevices.Read.All",
  },
  { check: "permission.groups", path: "/groups", grant: "GroupMember.ReadWrite.All and Group.Create" },
  { check: "permission.devices", path: "/devices", grant: "Device.Read.All" },
] as const;

/**
 * Whether the tenant is ready for quality updates: licences (graph.md §7 A1), the update catalogue (A2), the permissions
 * that can be probed without writing, and the offering model. Throws only `throttled`, `unavailable` and errors of the
 * app's own sign-in.
 */
export async function preflight(graph: Graph): Promise<Preflight> {
  const findings = await checkLicences(graph);
  findings.push(...(await probePermissions(graph)));
  const model = await checkModel(graph, findings);
  const ready = findings.every(({ status }) => status !== "missing");
  return { ready, ...(model === undefined ? {} : { model }), findings };
}

/**
 * One harmless read per permission that the service cannot do without (graph.md §8), all in one call. Throws like
 * `preflight`.
 */
export async function probePermissions(graph: Graph): Promise<Finding[]> {
  const failures = await failuresOf(
    graph,
    probes.map(({ path }) => withQuery(path, { $top: 1 })),
  );
  const outage = failures.find((failure) => failure !== undefined && !isRefusal(failure));
  if (outage !== undefined) throw outage;
  return probes.map(({ check, path, grant }, index) => {
    const refusal = failures[index];
    return refusal === undefined
      ? { check, status: "ok", message: `${path} can be read.` }
      : { check, status: "missing", message: `${path} cannot be read: grant ${grant}. ${refusal.message}` };
  });
}

async function checkLicences(graph: Graph): Promise<Finding[]> {
  const read = listSkus(graph);
  const refusal = await refusalOf(read);
  if (refusal !== undefined) {
    const message = `Licences cannot be read: grant LicenseAssignment.Read.All. ${refusal.message}`;
    return [{ check: "permission.licences", status: "limited", message }];
  }
  const skus = await read;
  return plans.map(({ check, id, name }) => {
    return hasPlan(skus, id)
      ? { check, status: "ok", message: `A licence for ${name} is active.` }
      : {
          check,
          status: "missing",
          message: `No active licence contains ${name} (service plan ${id}). Assign one and run preflight again.`,
        };
  });
}

/** Probes the group model and, where it is not offered, the Intune fallback (graph.md §7 L5). */
async function checkModel(graph: Graph, findings: Finding[]): Promise<OfferingModel | undefined> {
  const check = "offering.model";
  const model = await modelOf(graph);
  if (model === "policies") {
    findings.push({ check, status: "ok", message: "Quality update policies that target groups are available." });
    return model;
  }
  const read = graph.get(`${INTUNE}/windowsQualityUpdatePolicies`, { query: { $top: 1 }, schema: z.unknown() });
  const refusal = await refusalOf(read);
  if (refusal === undefined) {
    const message =
      "Quality update policies that target groups are not available here; Intune quality update policies are used instead.";
    findings.push({ check, status: "limited", message });
    return model;
  }
  const message = `Neither group-targeted nor Intune quality update policies can be used: grant WindowsUpdates.ReadWrite.All or DeviceManagementConfiguration.ReadWrite.All. ${refusal.message}`;
  findings.push({ check, status: "missing", message });
  return undefined;
}

/** The terminal error of a read, undefined when it succeeded. An outage says nothing about the tenant and is thrown. */
async function refusalOf(read: Promise<unknown>): Promise<AppError | undefined> {
  try {
    await read;
    return undefined;
  } catch (error) {
    if (error instanceof AppError && isRefusal(error)) return error;
    throw error;
  }
}

function isRefusal({ retryable, code }: AppError): boolean {
  return !retryable && code !== "unauthenticated";
}
