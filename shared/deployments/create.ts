import type { Actor } from "../access/roles.js";
import { Category, type Content, findContent, listContent } from "../graph/deployments/content.js";
import type { Graph } from "../graph/graph.js";
import { type Carried, type Deployment, newCarried, type UpdatePolicy } from "./deployment.js";
import { chooseDevices, type Estate, placesOf, readEstate } from "./devices.js";
import type { ApprovalForm, DeploymentForm, PolicyForm } from "./form.js";
import { refused } from "./refusals.js";
import { checkDeployable, checkFallback, knownContent, settingsOf } from "./rules.js";
import { find, read, writeAgreed, writePolicy } from "./store.js";
import { checkFree, checkNoDowngrade, checkSize, reached } from "./targets.js";

/** Who decides, about what he may decide, and when. */
export interface Deciding {
  readonly actor: Pick<Actor, "id" | "name">;
  /** Whether he may decide about a device of an Autopatch group, null for one in none. */
  readonly mayTarget: (groupId: string | null) => boolean;
  /** ms */
  readonly now: number;
  /** Writes a decision into the audit log, before it is written down; what a rule refuses is not in it. */
  readonly log: (record: Carried) => Promise<void>;
}

/**
 * Writes a new deployment down, before anything of it is in the tenant; `bring` (bring.ts) carries it there. The same id
 * twice is one deployment.
 * @throws AppError `rule_violated` naming the rule, and then nothing is changed
 */
export async function createDeployment(
  graph: Graph,
  id: string,
  form: DeploymentForm,
  { actor, mayTarget, now, log }: Deciding,
): Promise<Deployment> {
  // What was right when it was made need not be so when the call is made again.
  const made = await find("deployment", id);
  if (made !== undefined) return made;
  const content = knownContent(await findContent(graph, form.catalogEntryId), form.catalogEntryId);
  const estate = await readEstate(graph);
  const audience = { members: form.devices, exclusions: form.exclusions };
  checkSize(audience);
  const devices = devicesIn(audience, estate, mayTarget);
  const settings = settingsOf(form, content, { content, devices: devices.length, now });
  if (settings.rule?.signal === "ineligible") {
    checkFallback(settings.rule, await listContent(graph), settings.startAt ?? now);
  }
  checkNoDowngrade(content, devices);
  const record: Deployment = {
    ...newCarried({
      id,
      name: form.name ?? content.name,
      ...placesOf(devices),
      createdAt: now,
      createdBy: whoIs(actor),
    }),
    ...{ kind: "deployment", category: content.category, content: keptOf(content), settings },
    ...{ paused: null, pausedMs: 0, observed: null, measured: null, alerts: [] },
  };
  return writeAgreed(id, async (all) => {
    if (all.deployments.some((each) => each.id === id)) return undefined;
    checkFree(record, audience, all, now);
    await log(record);
    return { record, audience };
  });
}

/** Writes a new update policy down. The same id twice is one policy. Throws as `createDeployment` does. */
export async function createPolicy(
  graph: Graph,
  id: string,
  form: PolicyForm,
  { actor, mayTarget, now, log }: Deciding,
): Promise<UpdatePolicy> {
  const made = await find("policy", id);
  if (made !== undefined) return made;
  checkPolicy(form);
  const audience = { members: form.devices, exclusions: form.exclusions };
  checkSize(audience);
  const devices = devicesIn(audience, await readEstate(graph), mayTarget);
  const policy: UpdatePolicy = {
    ...newCarried({ id, name: form.name, ...placesOf(devices), createdAt: now, createdBy: whoIs(actor) }),
    ...{ kind: "policy", category: form.category, rule: form.automatic ?? null, hotpatch: form.hotpatch },
    approvals: [],
  };
  await log(policy);
  await writePolicy(policy, audience);
  return policy;
}

/** What approving an update in a policy needs. Throws for content that is unknown, of another category, or expired. */
export async function approvedContent(
  graph: Graph,
  policyId: string,
  { catalogEntryId, startAt }: ApprovalForm,
  now: number,
): Promise<Content> {
  const { category } = (await read("policy", policyId)).body;
  const content = knownContent(await findContent(graph, catalogEntryId), catalogEntryId);
  if (category === Category.quality || content.category !== category) {
    const message = `people approve drivers one by one, and ${content.name} in a policy of ${category} updates is none`;
    throw refused("capability", "catalogEntryId", message, { capability: "approvalAndScheduling", category });
  }
  if (startAt !== undefined && startAt < now) {
    const message = `${new Date(startAt).toISOString()} is in the past; leave it out to begin at once`;
    throw refused("startInPast", "startAt", message);
  }
  checkDeployable(content, startAt ?? now);
  return content;
}

/** What a record keeps of its content: the catalogue may lose it. */
export function keptOf({ catalogEntryId, name, releasedAt, deployableUntil, builds }: Content): Deployment["content"] {
  return { catalogEntryId, name, releasedAt, deployableUntil, builds: [...builds] };
}

/** The devices that an audience reaches; excluded ones have to be known as well. */
export function devicesIn(
  audience: { readonly members: readonly string[]; readonly exclusions: readonly string[] },
  estate: Estate,
  mayTarget: Deciding["mayTarget"],
) {
  chooseDevices(audience.exclusions, estate, mayTarget, "exclusions");
  const all = chooseDevices(audience.members, estate, mayTarget);
  const wanted = new Set(reached(audience));
  const devices = all.filter(({ deviceId }) => wanted.has(deviceId));
  if (devices.length > 0) return devices;
  throw refused("noDevices", "exclusions", "every device is excluded, and nobody would be left");
}

function checkPolicy({ category, automatic, hotpatch }: PolicyForm): void {
  if (category === Category.quality && automatic === undefined) {
    const message = "people do not approve quality updates one by one for chosen devices; say how they are approved";
    throw refused("capability", "automatic", message, { capability: "approvalAndScheduling", category });
  }
  const narrowed = automatic?.classification ?? automatic?.cadence;
  if (category === Category.driver && (hotpatch || narrowed !== undefined)) {
    throw refused("qualityOnly", hotpatch ? "hotpatch" : "automatic", "only quality updates have it", { category });
  }
  const takesMonthlySecurity =
    automatic?.classification === "security" && (automatic.cadence ?? "monthly") === "monthly";
  if (hotpatch && !takesMonthlySecurity) {
    const message = "hotpatches are monthly security updates; set classification security and cadence monthly";
    throw refused("hotpatchIsMonthlySecurity", "hotpatch", message);
  }
}

export function whoIs({ id, name }: Pick<Actor, "id" | "name">) {
  return { id, name };
}
