import { z } from "zod";
import { camelKeys } from "../graph/lenient.js";

/** A document of the MSRC: one month of vulnerabilities (graph.md §5.1). */
export interface MsrcDocument {
  /** `2024-Jun` */
  readonly id: string;
  /** Moves with every revision. */
  readonly currentReleaseDate: string;
}

/** What is known of a vulnerability in a document. */
export interface Vulnerability {
  readonly cve: string;
  readonly exploited: boolean;
  readonly critical: boolean;
  /** Articles and builds of its vendor fixes: `KB5039212`, `10.0.22631.3737`. */
  readonly kbs: readonly string[];
  readonly builds: readonly string[];
}

const THREAT = { exploitStatus: 1, severity: 3 } as const;
const VENDOR_FIX = 2;

const listItem = z.object({ iD: z.string().optional(), id: z.string().optional(), currentReleaseDate: z.string() });
const listSchema = z.preprocess((value) => {
  const keys = camelKeys(value);
  return Array.isArray(keys) ? keys : z.object({ value: z.array(z.unknown()) }).safeParse(keys).data?.value;
}, z.array(z.unknown()));

/** Reads the list of documents, bare or wrapped, in either spelling. Throws for what is no list. */
export function readDocuments(body: unknown): MsrcDocument[] {
  return listSchema.parse(body).flatMap((item) => {
    const parsed = listItem.safeParse(item).data;
    const id = parsed?.iD ?? parsed?.id;
    return parsed === undefined || id === undefined ? [] : { id, currentReleaseDate: parsed.currentReleaseDate };
  });
}

const text = z.object({ value: z.string().nullish() }).nullish().catch(null);
const threat = z.object({ type: z.coerce.number(), description: text });
const remediation = z.object({
  type: z.coerce.number(),
  description: text,
  fixedBuild: z.string().nullish().catch(null),
});
const vulnerabilitySchema = z.object({
  cVE: z.string().optional(),
  cve: z.string().optional(),
  threats: z.array(z.unknown()).nullish().catch(null),
  remediations: z.array(z.unknown()).nullish().catch(null),
});
const documentSchema = z.preprocess(camelKeys, z.object({ vulnerability: z.array(z.unknown()) }));

/** Reads the vulnerabilities of a CVRF document; what cannot be read is left out. Throws for what is no document. */
export function readVulnerabilities(body: unknown): Vulnerability[] {
  return documentSchema.parse(body).vulnerability.flatMap((item) => {
    const parsed = vulnerabilitySchema.safeParse(item).data;
    const cve = parsed?.cVE ?? parsed?.cve;
    if (parsed === undefined || cve === undefined) return [];
    const said = readable(threat, parsed.threats);
    const fixes = readable(remediation, parsed.remediations).filter(({ type }) => type === VENDOR_FIX);
    const says = (type: number, wanted: RegExp) =>
      said.some((each) => each.type === type && wanted.test(each.description?.value ?? ""));
    return {
      cve: cve.toUpperCase(),
      exploited: says(THREAT.exploitStatus, /(?:^|;)\s*Exploited\s*:\s*Yes\b/i),
      critical: says(THREAT.severity, /^\s*Critical\s*$/i),
      kbs: fixes.flatMap(({ description }) => kbOf(description?.value ?? "")),
      builds: fixes.flatMap(({ fixedBuild }) => fixedBuild ?? []),
    };
  });
}

/** "5039212" is the article of a fix; "Release Notes" is none. */
function kbOf(description: string): string[] {
  const digits = /^\s*(?:KB)?(\d{6,8})\s*$/i.exec(description)?.[1];
  return digits === undefined ? [] : [`KB${digits}`];
}

function readable<T>(schema: z.core.$ZodType<T>, items: readonly unknown[] | null | undefined): T[] {
  return (items ?? []).flatMap((item) => {
    const parsed = z.safeParse(schema, item);
    return parsed.success ? [parsed.data] : [];
  });
}
