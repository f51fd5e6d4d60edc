import { z } from "zod";
import { AppError } from "../errors.js";
import type { Audience } from "../graph/deployments/audiences.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { joinText, splitText } from "../store/long-text.js";
import { type Row, safeKey } from "../store/table.js";
import { table } from "../store/tables.js";
import {
  type Carried,
  type Deployment,
  deploymentSchema,
  isLive,
  type UpdatePolicy,
  updatePolicySchema,
} from "./deployment.js";

const OUTCOMES = "outcome";
/** Rows of audiences, and the row that stands for all deployments; they sort before every id. */
const AUDIENCE = "!audience ";
const VERSION_ROW = "!version";
const FIRST_ID = "0";
/** Rows that are read at the same time. */
const AT_ONCE = 16;
/** Tries of a write against others who write the same. */
const TRIES = 6;

export interface ByKind {
  readonly deployment: Deployment;
  readonly policy: UpdatePolicy;
}
export type Kind = keyof ByKind;

const SCHEMAS: { readonly [K in Kind]: z.ZodType<ByKind[K]> } = {
  deployment: deploymentSchema,
  policy: updatePolicySchema,
};
const FIELDS: Readonly<Record<Kind, { readonly field: string; readonly list: string }>> = {
  deployment: { field: "deploymentId", list: "deployments" },
  policy: { field: "policyId", list: "update-policies" },
};

/** The deployment or policy. Throws `not_found`. */
export async function read<K extends Kind>(kind: K, id: string): Promise<Document<ByKind[K]>> {
  const found = await (await store(kind)).get(kind, id);
  if (found !== undefined) return found;
  const { field, list } = FIELDS[kind];
  throw new AppError("not_found", `There is none of id ${id}. GET /api/v1/${list} lists them.`, { field });
}

/** All of a kind in the order of their ids. */
export async function list<K extends Kind>(kind: K): Promise<ByKind[K][]> {
  const found: ByKind[K][] = [];
  for await (const { body } of (await store(kind)).all(kind, { from: FIRST_ID })) found.push(body);
  return found;
}

/** Everything that has an audience of its own. */
export async function listCarried(): Promise<Carried[]> {
  return [...(await list("deployment")), ...(await list("policy"))];
}

/**
 * Changes a deployment or policy; who was faster is met by deciding anew.
 * @param decide sees what there is now; gives it back as it is when there is nothing to change
 * @throws AppError `not_found`, what `decide` throws, or `unavailable` when others go on writing
 */
export async function change<K extends Kind>(
  kind: K,
  id: string,
  decide: (present: ByKind[K]) => ByKind[K],
): Promise<ByKind[K]> {
  return persistently(async () => {
    const { body, etag } = await read(kind, id);
    const after = decide(body);
    if (after !== body) await (await store(kind)).put(kind, id, after, etag);
    return after;
  });
}

/** What one write depends on: all deployments as they are, and that nobody writes another meanwhile. */
export interface AtOnce {
  readonly deployments: readonly Deployment[];
  /** Of those that are live: the others stay for ever, and their devices are free. */
  readonly audiences: ReadonlyMap<string, Audience>;
}

/**
 * Writes a deployment with its audience, which have to agree with all others, such as in the devices that they take:
 * together, and only while no other was written meanwhile; else `decide` is called again.
 * @param decide what to write; undefined: nothing
 * @returns what is stored then under the id
 */
export async function writeAgreed(
  id: string,
  decide: (all: AtOnce) => Promise<{ readonly record: Deployment; readonly audience: Audience } | undefined>,
): Promise<Deployment> {
  const rows = await table("Deployments");
  return persistently(async () => {
    // The version first, so that what is written meanwhile makes the write fail rather than go unseen.
    const version = (await rows.get("deployment", VERSION_ROW))?.etag;
    const deployments: Document<Deployment>[] = [];
    for await (const each of (await store("deployment")).all("deployment", { from: FIRST_ID })) deployments.push(each);
    const known = deployments.find(({ body }) => body.id === id);
    const bodies = deployments.map(({ body }) => body);
    const wanted = await decide({ deployments: bodies, audiences: await audiencesOf(bodies.filter(isLive)) });
    if (wanted === undefined) return (known ?? (await read("deployment", id))).body;
    const mark = { rowKey: VERSION_ROW, values: {} };
    const row = rowOf(wanted.record);
    await rows.commit("deployment", [
      version === undefined ? { kind: "insert", ...mark } : { kind: "replace", ...mark, etag: version },
      known === undefined ? { kind: "insert", ...row } : { kind: "replace", ...row, etag: known.etag },
      { kind: "upsert", ...audienceRow(id, wanted.audience) },
    ]);
    return wanted.record;
  });
}

/** Writes a policy with its audience: a new one, or over the version that was read. Throws `conflict`. */
export async function writePolicy(policy: UpdatePolicy, audience: Audience, etag?: string): Promise<void> {
  const row = rowOf(policy);
  await (await table("Deployments")).commit("policy", [
    etag === undefined ? { kind: "insert", ...row } : { kind: "replace", ...row, etag },
    { kind: "upsert", ...audienceRow(policy.id, audience) },
  ]);
}

/** The deployment or policy, or undefined when there is none of that id. */
export async function find<K extends Kind>(kind: K, id: string): Promise<ByKind[K] | undefined> {
  return (await (await store(kind)).get(kind, id))?.body;
}

/** Whom a deployment or policy reaches: Entra deviceIds. */
export async function readAudience(kind: Kind, id: string): Promise<Audience> {
  const row = await (await table("Deployments")).get(kind, audienceKey(id));
  return row === undefined ? { members: [], exclusions: [] } : audienceIn(row);
}

/** Audiences of deployments by the ids of these. */
async function audiencesOf(deployments: readonly Deployment[]): Promise<Map<string, Audience>> {
  const found = new Map<string, Audience>();
  for (let from = 0; from < deployments.length; from += AT_ONCE) {
    const ids = deployments.slice(from, from + AT_ONCE).map(({ id }) => id);
    const audiences = await Promise.all(ids.map((id) => readAudience("deployment", id)));
    for (const [place, id] of ids.entries()) found.set(id, audiences[place] ?? { members: [], exclusions: [] });
  }
  return found;
}

const audienceSchema = z.object({ members: z.array(z.string()), exclusions: z.array(z.string()) });

function audienceIn(row: Row): Audience {
  return audienceSchema.parse(JSON.parse(joinText("body", row.values) ?? "{}"));
}

function audienceRow(id: string, audience: Audience) {
  return { rowKey: audienceKey(id), values: splitText("body", JSON.stringify(audience)) };
}

function audienceKey(id: string): string {
  return `${AUDIENCE}${safeKey(id)}`;
}

function rowOf(record: Carried) {
  return { rowKey: safeKey(record.id), values: { ...splitText("body", JSON.stringify(record)), id: record.id } };
}

const outcomesSchema = z.object({ installed: z.array(z.string()), rolledBack: z.array(z.string()) });
/** What became of a deployment on its devices: Entra deviceIds. */
export type Outcomes = z.infer<typeof outcomesSchema>;

export async function readOutcomes(id: string): Promise<Outcomes> {
  const found = await documents(await table("Deployments"), outcomesSchema).get(OUTCOMES, id);
  return found?.body ?? { installed: [], rolledBack: [] };
}

export async function writeOutcomes(id: string, outcomes: Outcomes): Promise<void> {
  await documents(await table("Deployments"), outcomesSchema).put(OUTCOMES, id, outcomes);
}

async function persistently<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
      if (attempt === TRIES)
        throw new AppError("unavailable", "Others keep changing deployments. Try again in a moment.");
    }
  }
}

async function store<K extends Kind>(kind: K): Promise<Documents<ByKind[K]>> {
  return documents(await table("Deployments"), SCHEMAS[kind]);
}
