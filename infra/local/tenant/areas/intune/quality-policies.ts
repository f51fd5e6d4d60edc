import { badRequest, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { created, type GraphRequest, type GraphResponse, noContent, ok, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { defined, known, visible } from "../rows.js";
import { assignmentsJson, readTargets } from "./assignments.js";
import {
  bulkActionSchema,
  type QualityPolicyRow,
  qualityPolicyJson,
  qualityPolicyPatch,
  qualityPolicySchema,
  qualityPolicySource,
} from "./quality-policy-rows.js";

const service = Service.intune;
const PATH = "/deviceManagement/windowsQualityUpdatePolicies";
const ASSIGNMENT = "#microsoft.graph.windowsQualityUpdatePolicyAssignment";
const ITEMS = "/deviceManagement/windowsUpdateCatalogItems";
const DETAILS = "retrieveWindowsQualityUpdateCatalogItemDetails";
const DETAIL_TYPE = "microsoft.graph.windowsQualityUpdateCatalogItemPolicyDetail";

/** Quality update policies of Intune: approvals without the group model (graph.md §2.2, §7 L5). */
export function qualityPolicyRoutes(world: World): Route[] {
  const policies = world.store.table<QualityPolicyRow>("qualityPolicies");
  for (const row of policies.all()) world.windowsUpdate.setSource(qualityPolicySource(row));
  const now = () => world.clock.now();
  const policyOf = (request: GraphRequest) => known(policies, service, request.params.id);
  const save = (row: QualityPolicyRow) => {
    policies.set(row);
    world.windowsUpdate.setSource(qualityPolicySource(row));
  };
  const assignments = (row: QualityPolicyRow) => assignmentsJson(row.id, ASSIGNMENT, row.targets);
  const context = "deviceManagement/windowsQualityUpdatePolicies";
  const expand = { assignments: (row: QualityPolicyRow) => ({ assignments: assignments(row) }) };
  const shape = { project: qualityPolicyJson, context, expand };
  const entity = (request: GraphRequest, row: QualityPolicyRow) => ({
    "@odata.context": `${request.root}/$metadata#${context}/$entity`,
    ...qualityPolicyJson(row),
  });

  const create = (request: GraphRequest): GraphResponse => {
    const body = readBody(qualityPolicySchema, request.body);
    const dates = { createdAt: now(), modifiedAt: now() };
    const row = { id: world.newId("qualityPolicy"), ...body, ...dates, decisions: [], targets: [] };
    save(row);
    return created(entity(request, row));
  };
  const patch = (request: GraphRequest): GraphResponse => {
    const row = policyOf(request);
    const changes = defined(readBody(qualityPolicyPatch, request.body));
    checkMethods(row, changes.approvalSettings ?? []);
    const changed = { ...row, ...changes, modifiedAt: now() };
    save(changed);
    return ok(entity(request, changed));
  };
  const remove = (request: GraphRequest): GraphResponse => {
    const { id } = policyOf(request);
    policies.delete(id);
    world.windowsUpdate.deleteSource(id);
    return noContent();
  };
  const assign = (request: GraphRequest): GraphResponse => {
    save({ ...policyOf(request), targets: readTargets(world, request.body), modifiedAt: now() });
    return noContent();
  };
  const bulkAction = (request: GraphRequest): GraphResponse => {
    const row = policyOf(request);
    const { action, ids } = readBody(bulkActionSchema, request.body);
    const exists = (id: string) => (world.catalogue.get(id)?.publishedAt ?? Infinity) <= now();
    const successfulIds = ids.filter(exists);
    const approvalStatus = action === "approve" ? ("approved" as const) : ("suspended" as const);
    const kept = row.decisions.filter(({ catalogItemId }) => !successfulIds.includes(catalogItemId));
    const decided = successfulIds.map((catalogItemId) => ({ catalogItemId, approvalStatus, at: now() }));
    save({ ...row, decisions: [...kept, ...decided], modifiedAt: now() });
    const type = "#microsoft.graph.bulkCatalogItemActionResult";
    return ok({ value: { "@odata.type": type, successfulIds, failedIds: ids.filter((id) => !exists(id)) } });
  };
  const details = (request: GraphRequest): GraphResponse => {
    const { id, ids } = request.params;
    const wanted = [...(id === undefined ? [] : [id]), ...(ids?.match(/[0-9a-f]{64}/gi) ?? [])];
    const value = policies
      .visibleAll()
      .flatMap((row) =>
        row.decisions
          .filter(({ catalogItemId }) => wanted.length === 0 || wanted.includes(catalogItemId))
          .map(({ catalogItemId, approvalStatus }) => ({ catalogItemId, policyId: row.id, approvalStatus })),
      );
    return ok({ "@odata.context": `${request.root}/$metadata#Collection(${DETAIL_TYPE})`, value });
  };

  const read = { service, needs: needs.readConfiguration, only: "beta", method: "GET" } as const;
  const write = { service, needs: needs.writeConfiguration, only: "beta" } as const;
  return [
    { ...read, path: PATH, handle: (request) => answerList(request, { ...shape, rows: policies.visibleAll() }) },
    { ...write, method: "POST", path: PATH, handle: create },
    {
      ...read,
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, visible(policies, service, request.params.id), shape),
    },
    { ...write, method: "PATCH", path: `${PATH}/{id}`, handle: patch },
    { ...write, method: "DELETE", path: `${PATH}/{id}`, handle: remove },
    {
      ...read,
      path: `${PATH}/{id}/assignments`,
      handle: (request) =>
        answerList(request, {
          rows: assignments(policyOf(request)),
          project: (each) => each,
          context: `${context}/assignments`,
        }),
    },
    { ...write, method: "POST", path: `${PATH}/{id}/assign`, handle: assign },
    { ...write, method: "POST", path: `${PATH}/{id}/bulkAction`, handle: bulkAction },
    { ...read, path: `${ITEMS}/${DETAILS}(ids)`, handle: details },
    { ...read, path: `${ITEMS}/{id}/${DETAILS}(ids)`, handle: details },
    { ...read, path: `${PATH}/${DETAILS}(ids)`, handle: details },
  ];
}

/** Manual or automatic is decided when the policy is created (autopatch.md §5.10). */
function checkMethods(row: QualityPolicyRow, settings: QualityPolicyRow["approvalSettings"]): void {
  for (const setting of settings) {
    const before = row.approvalSettings.find(
      (each) =>
        each.windowsQualityUpdateCadence === setting.windowsQualityUpdateCadence &&
        each.windowsQualityUpdateCategory === setting.windowsQualityUpdateCategory,
    );
    if (before !== undefined && before.approvalMethodType !== setting.approvalMethodType) {
      throw badRequest("approvalMethodType cannot be changed after the policy was created.");
    }
  }
}
