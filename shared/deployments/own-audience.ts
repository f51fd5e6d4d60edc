import { createAudience, listAudienceIds, unusedAudiences } from "../graph/deployments/audiences.js";
import type { Graph } from "../graph/graph.js";
import { notYet } from "../graph/settle.js";
import type { Carried } from "./deployment.js";
import { change, listCarried } from "./store.js";

/** A new audience shows to readers after this long at most (graph.md §6.3), ms. */
const SHOWS_AFTER_MS = 60_000;
/** Somebody else who asked for an audience within this time may have one that he has not written down yet, ms. */
const UNDER_WAY_MS = 600_000;

/**
 * The audience of a deployment or policy, made when there is none. An audience carries no name (graph.md §6.2), so before
 * one is asked for it is written down which ones the tenant has: should the answer be lost, it is found again as the one
 * that has come since and that nobody uses.
 * @returns its id in the tenant
 */
export async function ownAudience(graph: Graph, record: Carried, now: number): Promise<string> {
  if (record.audience.id !== null) return record.audience.id;
  const lost = await lostAudience(graph, record, now);
  if (lost !== undefined) return keep(record, lost);
  const { askedAt } = record.audience;
  if (askedAt !== null && now - askedAt < SHOWS_AFTER_MS) throw notYet(`The audience of ${record.name}`);
  const before = await listAudienceIds(graph);
  await noted(record, { askedAt: now, before, id: null });
  return keep(record, await createAudience(graph));
}

/** An audience that was asked for and whose answer was lost; undefined: there is none. */
export async function lostAudience(graph: Graph, record: Carried, now: number): Promise<string | undefined> {
  const { askedAt, before } = record.audience;
  if (askedAt === null) return undefined;
  const others = (await listCarried()).filter(({ id }) => id !== record.id);
  const known = new Set([...before, ...others.flatMap(({ audience }) => audience.id ?? [])]);
  const [found] = await unusedAudiences(
    graph,
    (await listAudienceIds(graph)).filter((id) => !known.has(id)),
  );
  if (found !== undefined && others.some((other) => isUnderWay(other, now))) {
    throw notYet(`Whose audience ${found} is, while others are being made,`);
  }
  return found;
}

function isUnderWay({ audience }: Carried, now: number): boolean {
  return audience.id === null && audience.askedAt !== null && now - audience.askedAt < UNDER_WAY_MS;
}

async function keep(record: Carried, id: string): Promise<string> {
  await noted(record, { askedAt: null, before: [], id });
  return id;
}

async function noted({ kind, id }: Carried, audience: Carried["audience"]): Promise<void> {
  await change(kind, id, (present) => ({ ...present, audience }));
}
