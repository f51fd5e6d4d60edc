import { z } from "zod";
import { driverSource } from "../../drivers/source.js";
import { badRequest, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import {
  created,
  type GraphRequest,
  type GraphResponse,
  type Json,
  noContent,
  ok,
  type Route,
} from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";
import { defined, known, visible } from "../rows.js";
import { enrolledIn } from "./audience-devices.js";
import type { AudienceRow } from "./audiences.js";
import { findContent } from "./content.js";
import { type DeploymentRow, type DeploymentSettings, duration, settingsSchema } from "./deployment-rows.js";
import { newDeployment, saveDeployment } from "./deployments.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/updatePolicies";
const TYPE = "#microsoft.graph.windowsUpdates";
const NEVER = "0001-01-01T00:00:00Z";

/** Approves by itself what its filter lets pass, `P1D` to `P30D` after publication (graph.md §1.8). */
const rule = z.object({
  "@odata.type": z.literal(`${TYPE}.contentApprovalRule`),
  contentFilter: z.discriminatedUnion("@odata.type", [
    z.object({ "@odata.type": z.literal(`${TYPE}.driverUpdateFilter`) }),
    z.object({
      "@odata.type": z.literal(`${TYPE}.qualityUpdateFilter`),
      classification: z.enum(["all", "security", "nonSecurity"]),
      cadence: z.enum(["monthly", "outOfBand"]),
    }),
  ]),
  durationBeforeDeploymentStart: duration,
});
type Rule = z.infer<typeof rule>;

const policySchema = z.object({
  audience: z.object({ id: z.string() }),
  complianceChangeRules: z.array(rule).default([]),
  deploymentSettings: settingsSchema.nullish(),
});
const policyPatch = z.object({ deploymentSettings: settingsSchema });
const approvalSchema = z.object({
  "@odata.type": z.literal("#microsoft.graph.windowsUpdates.contentApproval"),
  content: z.object({ catalogEntry: z.object({ id: z.string() }) }),
  deploymentSettings: settingsSchema.nullish(),
});
/** Exactly one of them at a time (graph.md §1.8). */
const approvalPatch = z.union([
  z.strictObject({ "@odata.type": z.string().optional(), isRevoked: z.literal(true) }),
  z.strictObject({ "@odata.type": z.string().optional(), deploymentSettings: settingsSchema }),
]);

interface UpdatePolicyRow {
  readonly id: string;
  readonly audienceId: string;
  readonly rules: readonly Rule[];
  readonly settings: DeploymentSettings;
  readonly createdAt: number;
}

interface ContentApprovalRow {
  readonly id: string;
  readonly policyId: string;
  readonly catalogEntryId: string;
  readonly settings: DeploymentSettings;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** Policies over audiences; an approval makes a deployment by itself (graph.md §1.8). */
export function updatePolicyRoutes(world: World): Route[] {
  const policies = world.store.table<UpdatePolicyRow>("updatePolicies");
  const approvals = world.store.table<ContentApprovalRow>("contentApprovals");
  for (const row of policies.all()) announce(world, row);
  const base = { service, needs: needs.windowsUpdates, only: "beta" } as const;
  const shape = {
    project: policyJson,
    context: "admin/windows/updates/updatePolicies",
    expand: { audience: (row: UpdatePolicyRow) => ({ audience: { id: row.audienceId } }) },
  };
  const policyOf = (request: GraphRequest) => known(policies, service, request.params.id);
  const approvalOf = (request: GraphRequest) => known(approvals, service, request.params.child);
  const archive = (approvalId: string) => {
    for (const row of world.store.table<DeploymentRow>("deployments").all()) {
      if (row.approvalId === approvalId) saveDeployment(world, { ...row, requestedValue: "archived" });
    }
  };

  const create = (request: GraphRequest): GraphResponse => {
    const { audience, complianceChangeRules, deploymentSettings } = readBody(policySchema, request.body);
    const target = world.store.table<AudienceRow>("audiences").get(audience.id);
    if (target === undefined) throw badRequest(`Audience '${audience.id}' does not exist.`);
    const row = {
      id: world.newId("updatePolicy"),
      audienceId: target.id,
      rules: complianceChangeRules,
      settings: deploymentSettings ?? {},
      createdAt: world.clock.now(),
    };
    policies.set(row);
    announce(world, row);
    return created(policyJson(row));
  };
  const patch = (request: GraphRequest): GraphResponse => {
    const body = readBody(policyPatch, request.body);
    const row = { ...policyOf(request), settings: body.deploymentSettings };
    policies.set(row);
    announce(world, row);
    return ok(policyJson(row));
  };
  const approve = (request: GraphRequest): GraphResponse => {
    const policy = policyOf(request);
    const body = readBody(approvalSchema, request.body);
    const entry = findContent(world, body.content.catalogEntry.id);
    if (entry === undefined) throw badRequest("The catalog entry does not exist.");
    const settings = { ...policy.settings, ...(body.deploymentSettings ?? {}) };
    const ids = { id: world.newId("contentApproval"), policyId: policy.id, catalogEntryId: entry.id };
    const row = { ...ids, settings, createdAt: world.clock.now(), revokedAt: null };
    approvals.set(row);
    newDeployment(world, entry.id, policy.audienceId, settings, row.id);
    return created(approvalJson(row));
  };
  const change = (request: GraphRequest): GraphResponse => {
    const row = approvalOf(request);
    const body = readBody(approvalPatch, request.body);
    if (row.revokedAt !== null) throw badRequest("The approval is revoked; revocation is final.");
    if ("deploymentSettings" in body) {
      const settings = { ...row.settings, ...defined(body.deploymentSettings) };
      approvals.set({ ...row, settings });
      for (const made of world.store.table<DeploymentRow>("deployments").all()) {
        if (made.approvalId === row.id) saveDeployment(world, { ...made, settings, modifiedAt: world.clock.now() });
      }
      return ok(approvalJson({ ...row, settings }));
    }
    const revoked = { ...row, revokedAt: world.clock.now() };
    approvals.set(revoked);
    archive(row.id);
    return ok(approvalJson(revoked));
  };
  const removeApproval = (request: GraphRequest): GraphResponse => {
    const { id } = approvalOf(request);
    approvals.delete(id);
    archive(id);
    return noContent();
  };
  const removePolicy = (request: GraphRequest): GraphResponse => {
    const { id } = policyOf(request);
    policies.delete(id);
    world.windowsUpdate.deleteSource(id);
    world.windowsUpdate.deleteDrivers(id);
    return noContent();
  };
  const listApprovals = (request: GraphRequest): GraphResponse => {
    const { id } = policyOf(request);
    const rows = approvals.visibleAll().filter(({ policyId }) => policyId === id);
    return answerList(request, { rows, project: approvalJson, context: `${shape.context}('${id}')/complianceChanges` });
  };
  return [
    {
      ...base,
      method: "GET",
      path: PATH,
      handle: (request) => answerList(request, { ...shape, rows: policies.visibleAll() }),
    },
    { ...base, method: "POST", path: PATH, handle: create },
    {
      ...base,
      method: "GET",
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, visible(policies, service, request.params.id), shape),
    },
    { ...base, method: "PATCH", path: `${PATH}/{id}`, handle: patch },
    { ...base, method: "DELETE", path: `${PATH}/{id}`, handle: removePolicy },
    { ...base, method: "GET", path: `${PATH}/{id}/complianceChanges`, handle: listApprovals },
    { ...base, method: "POST", path: `${PATH}/{id}/complianceChanges`, handle: approve },
    {
      ...base,
      method: "GET",
      path: `${PATH}/{id}/complianceChanges/{child}`,
      handle: (request) => ok(approvalJson(approvalOf(request))),
    },
    { ...base, method: "PATCH", path: `${PATH}/{id}/complianceChanges/{child}`, handle: change },
    { ...base, method: "DELETE", path: `${PATH}/{id}/complianceChanges/{child}`, handle: removeApproval },
  ];
}

/** Rules offer quality updates to the audience, and recommended drivers to its enrolled devices. */
function announce(world: World, policy: UpdatePolicyRow): void {
  announceDrivers(world, policy);
  const { id, audienceId, rules, settings } = policy;
  const quality = rules.flatMap(({ contentFilter, durationBeforeDeploymentStart: after }) =>
    "classification" in contentFilter ? { ...contentFilter, deferralDays: Number(after.slice(1, -1)) } : [],
  );
  if (quality.length === 0) return;
  world.windowsUpdate.setSource({
    ...{ id, include: [audienceId], exclude: [], everyone: false, deferralDays: 0 },
    ...{ paused: false, hotpatch: settings.userExperience?.isHotpatchEnabled ?? false, approvals: [], rules: quality },
  });
}

function announceDrivers(world: World, { id, audienceId, rules, createdAt }: UpdatePolicyRow): void {
  const rule = rules.find(({ contentFilter }) => !("classification" in contentFilter));
  if (rule === undefined) return;
  const assigned = { id, include: [enrolledIn(audienceId, "driver")], exclude: [], everyone: false };
  const deploymentDeferralInDays = Number(rule.durationBeforeDeploymentStart.slice(1, -1));
  const approvals = { createdAt, approvalType: "automatic", deploymentDeferralInDays } as const;
  world.windowsUpdate.setDrivers(driverSource(world, assigned, approvals));
}

function policyJson(row: UpdatePolicyRow): Json {
  return {
    "@odata.type": "#microsoft.graph.windowsUpdates.updatePolicy",
    id: row.id,
    createdDateTime: dateText(row.createdAt),
    complianceChangeRules: row.rules,
    deploymentSettings: row.settings,
  };
}

function approvalJson(row: ContentApprovalRow): Json {
  return {
    "@odata.type": "#microsoft.graph.windowsUpdates.contentApproval",
    id: row.id,
    createdDateTime: dateText(row.createdAt),
    isRevoked: row.revokedAt !== null,
    revokedDateTime: row.revokedAt === null ? NEVER : dateText(row.revokedAt),
    content: { catalogEntry: { id: row.catalogEntryId } },
    deploymentSettings: row.settings,
  };
}
