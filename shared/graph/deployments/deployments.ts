import { z } from "zod";
import { AppError } from "../../errors.js";
import { type Graph, UPDATES } from "../graph.js";
import { created, dateTime, text } from "../lenient.js";
import { literal, segment } from "../odata.js";
import { absentWhenMissing, notYet, oldestFirst } from "../settle.js";
import { type Category, entryType } from "./content.js";
import { type DeploymentSettings, sameSettings, settingsBody, settingsSchema } from "./settings.js";

const DEPLOYMENTS = `${UPDATES}/deployments`;
const TYPE = "microsoft.graph.windowsUpdates";

const deploymentSchema = z.object({
  id: z.string().min(1),
  createdDateTime: dateTime,
  state: z.object({
    effectiveValue: z.string(),
    requestedValue: z.string(),
    reasons: z
      .array(z.object({ value: z.string() }))
      .nullish()
      .transform((reasons) => (reasons ?? []).map(({ value }) => value)),
  }),
  // The rest of the entry is hollow here (graph.md §1.5).
  content: z.object({ catalogEntry: z.object({ id: text }) }),
  settings: settingsSchema,
});

/** A deployment as Graph has it. */
export type GraphDeployment = z.output<typeof deploymentSchema>;

/** A deployment as it should be. */
export interface DesiredDeployment {
  readonly audienceId: string;
  readonly category: Category;
  readonly catalogEntryId: string;
  readonly settings: DeploymentSettings;
  readonly paused: boolean;
}

/**
 * The one deployment of this content to an audience: made when there is none, its settings and its pause brought to what
 * is wanted, duplicates deleted but for the oldest (graph.md §6.2). Settings that Graph does not let be changed are
 * brought there by a new deployment in place of the old one (§1.7). May be repeated; throws `not_yet_consistent` while a
 * write does not show.
 */
export async function ensureDeployment(graph: Graph, desired: DesiredDeployment): Promise<GraphDeployment> {
  const [kept, ...duplicates] = (await listDeployments(graph, desired.audienceId)).filter(
    ({ content, state }) => content.catalogEntry.id === desired.catalogEntryId && state.effectiveValue !== "archived",
  );
  for (const { id } of duplicates) await deleteDeployment(graph, id);
  const made = kept ?? (await createDeployment(graph, desired));
  await adjust(graph, made, desired);
  const seen = await findDeployment(graph, made.id);
  if (seen === undefined || !isAsWanted(seen, desired)) throw notYet(`Deployment ${made.id}`);
  return seen;
}

/** The deployment, or undefined when there is none of that id. */
export function findDeployment(graph: Graph, id: string): Promise<GraphDeployment | undefined> {
  return absentWhenMissing(graph.get(one(id), { schema: deploymentSchema }));
}

/** Deployments to an audience, those that approvals made by themselves included, the oldest first. */
export async function listDeployments(graph: Graph, audienceId: string): Promise<GraphDeployment[]> {
  const query = { $filter: `audience/id eq ${literal(audienceId)}` };
  return oldestFirst(await graph.list(DEPLOYMENTS, { query, schema: deploymentSchema }));
}

/** Deletes a deployment; a missing one is fine. Devices that have taken it keep it. */
export async function deleteDeployment(graph: Graph, id: string): Promise<void> {
  await absentWhenMissing(graph.delete(one(id)));
}

async function createDeployment(graph: Graph, desired: DesiredDeployment): Promise<GraphDeployment> {
  const { audienceId, category, catalogEntryId, settings } = desired;
  const { body } = await graph.post(DEPLOYMENTS, {
    "@odata.type": `#${TYPE}.deployment`,
    audience: { id: audienceId },
    content: {
      "@odata.type": `#${TYPE}.catalogContent`,
      catalogEntry: { "@odata.type": entryType(category), id: catalogEntryId },
    },
    settings: settingsBody(settings),
  });
  const id = created.safeParse(body).data?.id;
  const made = id === undefined ? undefined : await findDeployment(graph, id);
  if (made === undefined) throw notYet(`The deployment to audience ${audienceId}`);
  return made;
}

async function adjust(graph: Graph, made: GraphDeployment, desired: DesiredDeployment): Promise<void> {
  if (!sameSettings(made.settings, desired.settings)) {
    await change(graph, made.id, { settings: settingsBody(desired.settings) });
  }
  // What monitoring paused stays so until its rule is raised or gone; asking for it changes nothing there.
  if (desired.paused !== (made.state.requestedValue === "paused")) {
    const requestedValue = desired.paused ? "paused" : "none";
    await change(graph, made.id, { state: { "@odata.type": `${TYPE}.deploymentState`, requestedValue } });
  }
}

/** Answers come with or without a body, so what was stored is read again. */
async function change(graph: Graph, id: string, part: object): Promise<void> {
  try {
    await graph.patch(one(id), { "@odata.type": `#${TYPE}.deployment`, ...part });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "invalid_input")) throw error;
    await deleteDeployment(graph, id);
    throw notYet(`A new deployment in place of ${id}, which Microsoft Graph does not let be changed,`);
  }
}

function isAsWanted({ settings, state }: GraphDeployment, desired: DesiredDeployment): boolean {
  return sameSettings(settings, desired.settings) && (state.requestedValue === "paused") === desired.paused;
}

function one(id: string): string {
  return `${DEPLOYMENTS}/${segment(id)}`;
}
