import { config } from "../config.js";
import { AppError } from "../errors.js";
import { type KevCatalogue, readKev } from "./kev.js";
import { type MsrcDocument, readDocuments, readVulnerabilities, type Vulnerability } from "./msrc.js";

/** Longest wait for an answer, ms of wall time: a document of the MSRC has several MB. */
const TIMEOUT_MS = 60_000;
const API_VERSION = "2023-11-01";

/** The documents of the MSRC with their dates; a few kB. */
export function msrcDocuments(): Promise<MsrcDocument[]> {
  return read(msrc("updates"), readDocuments);
}

/** The vulnerabilities of one document, e.g. `2024-Jun`. */
export function msrcVulnerabilities(documentId: string): Promise<Vulnerability[]> {
  return read(msrc(`cvrf/${encodeURIComponent(documentId)}`), readVulnerabilities);
}

/** CISA's catalogue. */
export function kevCatalogue(): Promise<KevCatalogue> {
  return read(config().KEV_URL, readKev);
}

function msrc(path: string): string {
  return `${new URL(path, config().MSRC_URL)}?api-version=${API_VERSION}`;
}

async function read<T>(url: string, parse: (body: unknown) => T): Promise<T> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { headers: { accept: "application/json" }, signal });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return parse(await response.json());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    throw new AppError("unavailable", `${url} could not be read: ${reason}. It is read again in six hours.`, { cause });
  }
}
