import { z } from "zod";
import { type GraphRequest, type GraphResponse, type Json, noContent, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";
import { assignedTo } from "../intune/assignments.js";
import { PolicyArea, type PolicyRow } from "../intune/policy-area.js";
import { defined } from "../rows.js";
import { checkSettings, choiceSetting, integerSetting, settingSchema } from "./setting-instance.js";

const DETECTION_FREQUENCY = "device_vendor_msft_policy_config_update_detectionfrequency";
const DISABLE_SAFEGUARDS = "device_vendor_msft_policy_config_update_disablewufbsafeguards";

const policySchema = z.object({
  name: z.string().min(1).max(200),
  description: z.string().max(1500).default(""),
  platforms: z.literal("windows10"),
  technologies: z.literal("mdm"),
  roleScopeTagIds: z.array(z.string()).default(["0"]),
  settings: z.array(settingSchema),
});
const policyPatch = z.object({
  name: z.string().min(1).max(200).optional(),
  description: z.string().max(1500).optional(),
  roleScopeTagIds: z.array(z.string()).optional(),
});

/** A settings catalog policy. Instants are ms of domain time. */
type ConfigurationPolicyRow = PolicyRow &
  z.infer<typeof policySchema> & { readonly createdAt: number; readonly modifiedAt: number };

/** Settings catalog policies: Microsoft 365 Apps, Edge, diagnostic data, scan frequency (graph.md §2.8). */
export function configurationPolicyRoutes(world: World): Route[] {
  const now = () => world.clock.now();
  const area = new PolicyArea<ConfigurationPolicyRow>(world, {
    collection: "configurationPolicies",
    table: world.store.table<ConfigurationPolicyRow>("configurationPolicies"),
    only: "beta",
    assignmentType: "#microsoft.graph.deviceManagementConfigurationPolicyAssignment",
    assignAnswers: "assignments",
    project: policyJson,
    expand: { settings: (row) => ({ settings: settingsJson(row) }) },
    create: ({ body }) => {
      const id = { id: world.newId("configurationPolicy"), createdAt: now(), modifiedAt: now(), targets: [] };
      return { ...id, ...whole(body) };
    },
    change: (row, { body }) => ({ ...row, ...defined(readBody(policyPatch, body)), modifiedAt: now() }),
    apply: (row) => apply(world, row),
    forget: (id) => forget(world, id),
  });
  const replace = (request: GraphRequest): GraphResponse => {
    area.save({ ...area.of(request), ...whole(request.body), modifiedAt: now() });
    return noContent();
  };
  const settings = (request: GraphRequest): GraphResponse => {
    const row = area.of(request);
    const context = `deviceManagement/configurationPolicies('${row.id}')/settings`;
    return answerList(request, { rows: settingsJson(row), project: (each) => each, context });
  };
  return [
    ...area.routes(),
    area.write("PUT", `${area.path}/{id}`, replace),
    area.read(`${area.path}/{id}/settings`, settings),
  ];
}

function whole(body: unknown): z.infer<typeof policySchema> {
  const given = readBody(policySchema, body);
  checkSettings(given.settings);
  return given;
}

/** Of all settings only the scan frequency and the opt-out of safeguard holds change what simulated devices do. */
function apply({ windowsUpdate }: World, row: ConfigurationPolicyRow): void {
  const assigned = assignedTo(row.id, row.targets);
  const hours = integerSetting(row.settings, DETECTION_FREQUENCY);
  if (hours === undefined) windowsUpdate.deleteScan(row.id);
  else windowsUpdate.setScan({ ...assigned, hours, createdAt: row.createdAt });
  const optsOut = choiceSetting(row.settings, DISABLE_SAFEGUARDS) === `${DISABLE_SAFEGUARDS}_1`;
  if (optsOut) windowsUpdate.setSafeguardOptOut(assigned);
  else windowsUpdate.deleteSafeguardOptOut(row.id);
}

function forget({ windowsUpdate }: World, id: string): void {
  windowsUpdate.deleteScan(id);
  windowsUpdate.deleteSafeguardOptOut(id);
}

function settingsJson(row: ConfigurationPolicyRow): Json[] {
  return row.settings.map((setting, nth) => ({ ...setting, id: String(nth) }));
}

function policyJson(row: ConfigurationPolicyRow): Json {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    platforms: row.platforms,
    technologies: row.technologies,
    roleScopeTagIds: row.roleScopeTagIds,
    createdDateTime: dateText(row.createdAt),
    lastModifiedDateTime: dateText(row.modifiedAt),
    settingCount: row.settings.length,
    isAssigned: row.targets.length > 0,
    creationSource: null,
    priorityMetaData: null,
    templateReference: {
      templateId: "",
      templateFamily: "none",
      templateDisplayName: null,
      templateDisplayVersion: null,
    },
  };
}
