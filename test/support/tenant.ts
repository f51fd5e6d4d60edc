import type { AnswerOf } from "../../functions/api/client.js";
import { type Answer, call, clientOf, type Problem } from "./api.js";
import { definitionOf, type Sources } from "./definitions.js";
import { addDevices, autopatchGroup } from "./devices.js";
import { directoryGroup } from "./directory.js";
import { GraphReader } from "./graph.js";
import { startWorld, type World } from "./world.js";

export type TenantAnswer = AnswerOf<"tenantGet">;

/** An admin contact for both focus areas. */
export const GRACE = {
  name: "Grace",
  email: "grace@contoso.example",
  phone: "+49 30 1234-5",
  language: "de",
  areas: ["Devices", "Updates"],
};

/** Microsoft 365 E3 with all its service plans. */
export const E3 = { skuId: "05e9a617-0261-4cee-bb44-138d3ef5d965", skuPartNumber: "SPE_E3" };

export async function tenantOf(world: World): Promise<TenantAnswer> {
  return (await clientOf(world).call("tenantGet")).body;
}

/** Enrols as an administrator who has read the terms; what is given takes the place of what he would send. */
export async function enrol(world: World, given: object = {}): Promise<Answer<TenantAnswer & Problem>> {
  const { currentTerms } = await tenantOf(world);
  const form = { termsVersion: currentTerms.version, acceptTerms: true, consent: true, contacts: [GRACE] };
  return call(world, "POST", "/tenant/enrol", { ...form, ...given });
}

export interface EnrolledTenant {
  readonly world: World;
  readonly graph: GraphReader;
  readonly sources: Sources;
}

/** A world whose tenant is enrolled, with an Autopatch group `Sales` of two devices of its own: one in Test, one in Last. */
export async function enrolledWithSales(from: string): Promise<EnrolledTenant> {
  const world = await startWorld({ from, devices: 8 });
  const graph = new GraphReader(world);
  await world.settle();
  const { status, body } = await enrol(world);
  if (status !== 200) throw new Error(`Enrolment was refused: ${body.detail}`);
  const [first, second] = addDevices(world, 1, 2);
  const sources = {
    test: await directoryGroup(graph, "Sales test PCs", [first?.objectId ?? ""]),
    last: await directoryGroup(graph, "Sales desks", [second?.objectId ?? ""]),
  };
  await autopatchGroup(world, definitionOf("Sales", sources));
  return { world, graph, sources };
}

/** Runs the readiness assessment; results by check. */
export async function assessment(world: World, optionalChecks = false): Promise<Record<string, string>> {
  const { body } = await clientOf(world).call("assessmentRun", { body: { optionalChecks } });
  return Object.fromEntries(body.checks.map(({ id, result }) => [id, result]));
}

/** Makes an update ring by hand and assigns it; returns its id. */
export async function ownUpdateRing(graph: GraphReader, targets: readonly object[]): Promise<string> {
  const path = "beta/deviceManagement/deviceConfigurations";
  const type = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
  const { id } = await graph.post<{ id: string }>(path, { "@odata.type": type, displayName: "Our own ring" });
  const assignments = targets.map((target) => ({
    "@odata.type": "#microsoft.graph.deviceConfigurationAssignment",
    target,
  }));
  await graph.post(`${path}/${id}/assign`, { assignments });
  return id;
}

/** Targets of an assignment (graph.md §2.0). */
export const target = {
  everyone: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" },
  group: (groupId: string) => ({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId }),
  exclude: (groupId: string) => ({ "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", groupId }),
};
