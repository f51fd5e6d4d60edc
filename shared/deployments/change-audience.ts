import type { Audience } from "../graph/deployments/audiences.js";
import { type Content, findContent } from "../graph/deployments/content.js";
import type { Graph } from "../graph/graph.js";
import { checkLive } from "./commands.js";
import { type Deciding, devicesIn } from "./create.js";
import { type Deployment, decided, type UpdatePolicy } from "./deployment.js";
import { chooseDevices, placesOf, readEstate } from "./devices.js";
import type { AudienceForm } from "./form.js";
import { read, readAudience, writeAgreed, writePolicy } from "./store.js";
import { checkFree, checkNoDowngrade, checkSize } from "./targets.js";

/** Looks at what is there before it is changed; throws to keep it. */
type Unchanged = (present: Deployment | UpdatePolicy) => void;

/**
 * Changes the devices of a deployment. New ones are held against the rules that a creation has; they are offered the
 * content at once where its rollout is past them (graph.md §1.6).
 */
export async function changeDevices(
  graph: Graph,
  id: string,
  form: AudienceForm,
  { mayTarget, now, log, unchanged }: Deciding & { readonly unchanged: Unchanged },
): Promise<Deployment> {
  const estate = await readEstate(graph);
  const added = chooseDevices(form.addDevices, estate, mayTarget, "addDevices");
  const present = (await read("deployment", id)).body;
  const content = (await findContent(graph, present.content.catalogEntryId)) ?? contentOf(present);
  checkNoDowngrade(content, added);
  return writeAgreed(id, async (all) => {
    const deployment = all.deployments.find((each) => each.id === id) ?? present;
    unchanged(deployment);
    checkLive(deployment);
    const audience = changed(all.audiences.get(id) ?? { members: [], exclusions: [] }, form);
    const places = placesOf(devicesIn(audience, estate, mayTarget));
    const record = decided(deployment, places);
    checkFree(record, audience, all, now);
    await log(record);
    return { record, audience };
  });
}

/** Changes the devices of an update policy. Throws `conflict` when somebody else was faster. */
export async function changePolicyDevices(
  graph: Graph,
  id: string,
  form: AudienceForm,
  { mayTarget, log, unchanged }: Deciding & { readonly unchanged: Unchanged },
): Promise<UpdatePolicy> {
  const estate = await readEstate(graph);
  const { body, etag } = await read("policy", id);
  unchanged(body);
  checkLive(body);
  const audience = changed(await readAudience("policy", id), form);
  const policy = decided(body, placesOf(devicesIn(audience, estate, mayTarget)));
  await log(policy);
  await writePolicy(policy, audience, etag);
  return policy;
}

function changed({ members, exclusions }: Audience, form: AudienceForm): Audience {
  const audience = {
    members: merged(members, form.addDevices, form.removeDevices),
    exclusions: merged(exclusions, form.addExclusions, form.removeExclusions),
  };
  checkSize(audience);
  return audience;
}

function merged(before: readonly string[], added: readonly string[], removed: readonly string[]): string[] {
  const gone = new Set(removed);
  return [...new Set([...before, ...added])].filter((id) => !gone.has(id));
}

/** Of content that the catalogue has lost, what the deployment kept. */
function contentOf({ category, content }: Deployment): Content {
  return { ...content, category, isExpeditable: false };
}
