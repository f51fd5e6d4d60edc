import { z } from "zod";
import { instant } from "../schema.js";
import { documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type ReportRow, reportRowSchema } from "./report-row.js";

export interface Report {
  /** When it was made, ISO 8601. */
  readonly at: string;
  readonly rows: readonly ReportRow[];
}

/** Rows of a part, few enough for one row of a table. */
const PART_SIZE = 500;
const HEAD = "head";
const headSchema = z.object({ at: instant });
const partSchema = z.object({ rows: z.array(reportRowSchema) });

/** When the report that is kept was made; undefined where there is none. */
export async function keptAt(): Promise<{ readonly at: string } | undefined> {
  return (await (await heads()).get(HEAD, HEAD))?.body;
}

/** The rows of the report that was made at an instant. */
export async function keptRows(at: string): Promise<ReportRow[]> {
  const rows: ReportRow[] = [];
  for await (const { body } of (await parts()).all(partition(at))) rows.push(...body.rows);
  return rows;
}

/** Keeps a report in place of the one before. The head comes last, so that nobody reads half of one. */
export async function keepReport({ at, rows }: Report): Promise<void> {
  const [head, before] = [await heads(), await keptAt()];
  const stored = await parts();
  for (let from = 0; from < rows.length; from += PART_SIZE) {
    const part = { rows: rows.slice(from, from + PART_SIZE) };
    await stored.put(partition(at), String(from).padStart(8, "0"), part);
  }
  await head.put(HEAD, HEAD, { at });
  if (before === undefined || before.at === at) return;
  for await (const { id } of stored.all(partition(before.at))) await stored.delete(partition(before.at), id);
}

const partition = (at: string) => `rows ${at}`;

async function heads() {
  return documents(await table("QualityPolicyReport"), headSchema);
}

async function parts() {
  return documents(await table("QualityPolicyReport"), partSchema);
}
