import { badRequest } from "../../graph/errors.js";
import { type GraphRequest, type GraphResponse, ok, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import type { World } from "../../world.js";
import { defined } from "../rows.js";
import { PolicyArea } from "./policy-area.js";
import {
  bulkActionSchema,
  type QualityPolicyRow,
  qualityPolicyJson,
  qualityPolicyPatch,
  qualityPolicySchema,
  qualityPolicySource,
} from "./quality-policy-rows.js";
import { newProfile } from "./update-profile.js";

const ITEMS = "/deviceManagement/windowsUpdateCatalogItems";
const DETAILS = "retrieveWindowsQualityUpdateCatalogItemDetails";
const DETAIL_TYPE = "microsoft.graph.windowsQualityUpdateCatalogItemPolicyDetail";

/** Quality update policies of Intune: approvals without the group model (graph.md §2.2, §7 L5). */
export function qualityPolicyRoutes(world: World): Route[] {
  const table = world.store.table<QualityPolicyRow>("qualityPolicies");
  const area = new PolicyArea<QualityPolicyRow>(world, {
    collection: "windowsQualityUpdatePolicies",
    table,
    only: "beta",
    assignmentType: "#microsoft.graph.windowsQualityUpdatePolicyAssignment",
    project: qualityPolicyJson,
    create: ({ body }) => ({
      ...newProfile(world, "qualityPolicy"),
      ...readBody(qualityPolicySchema, body),
      decisions: [],
    }),
    change: (row, { body }) => {
      const changes = defined(readBody(qualityPolicyPatch, body));
      checkMethods(row, changes.approvalSettings ?? []);
      return { ...row, ...changes, modifiedAt: world.clock.now() };
    },
    apply: (row) => world.windowsUpdate.setSource(qualityPolicySource(row)),
    forget: (id) => world.windowsUpdate.deleteSource(id),
  });
  const details = (request: GraphRequest) => detailsOf(table.visibleAll(), request);
  return [
    ...area.routes(),
    area.write("POST", `${area.path}/{id}/bulkAction`, (request) => bulkAction(world, area, request)),
    area.read(`${ITEMS}/${DETAILS}(ids)`, details),
    area.read(`${ITEMS}/{id}/${DETAILS}(ids)`, details),
    area.read(`${area.path}/${DETAILS}(ids)`, details),
  ];
}

function bulkAction(world: World, area: PolicyArea<QualityPolicyRow>, request: GraphRequest): GraphResponse {
  const row = area.of(request);
  const { action, ids } = readBody(bulkActionSchema, request.body);
  const now = world.clock.now();
  const exists = (id: string) => (world.catalogue.get(id)?.publishedAt ?? Infinity) <= now;
  const successfulIds = ids.filter(exists);
  const approvalStatus = action === "approve" ? ("approved" as const) : ("suspended" as const);
  const kept = row.decisions.filter(({ catalogItemId }) => !successfulIds.includes(catalogItemId));
  const decided = successfulIds.map((catalogItemId) => ({ catalogItemId, approvalStatus, at: now }));
  area.save({ ...row, decisions: [...kept, ...decided], modifiedAt: now });
  const type = "#microsoft.graph.bulkCatalogItemActionResult";
  return ok({ value: { "@odata.type": type, successfulIds, failedIds: ids.filter((id) => !exists(id)) } });
}

/** What policies have decided about updates: those that the request names, or all. */
function detailsOf(policies: readonly QualityPolicyRow[], request: GraphRequest): GraphResponse {
  const { id, ids } = request.params;
  const wanted = [...(id === undefined ? [] : [id]), ...(ids?.match(/[0-9a-f]{64}/gi) ?? [])];
  const value = policies.flatMap((row) =>
    row.decisions
      .filter(({ catalogItemId }) => wanted.length === 0 || wanted.includes(catalogItemId))
      .map(({ catalogItemId, approvalStatus }) => ({ catalogItemId, policyId: row.id, approvalStatus })),
  );
  return ok({ "@odata.context": `${request.root}/$metadata#Collection(${DETAIL_TYPE})`, value });
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
