import { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { isPastRetention, requestSchema, type SupportRequest } from "./request.js";

const PARTITION = "request";

/** All requests, the oldest first. */
export async function listRequests(): Promise<SupportRequest[]> {
  const found: SupportRequest[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found.sort((a, b) => (a.history[0]?.at ?? 0) - (b.history[0]?.at ?? 0));
}

/** Throws `not_found`. */
export async function readRequest(id: string): Promise<SupportRequest> {
  const found = (await (await store()).get(PARTITION, id))?.body;
  if (found !== undefined) return found;
  const message = `There is no support request ${id}. GET /api/v1/support-requests lists them; they are kept for six months after they were closed.`;
  throw new AppError("not_found", message, { field: "requestId" });
}

/** Writes a new request; one that is there already stays as it is. Returns what is stored. */
export async function insertRequest(request: SupportRequest): Promise<SupportRequest> {
  try {
    await (await store()).insert(PARTITION, request.id, request);
    return request;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return readRequest(request.id);
  }
}

/** Changes a request; a change meanwhile by somebody else is met by changing the newer one. Throws `not_found`. */
export function changeRequest(id: string, change: (request: SupportRequest) => SupportRequest) {
  const isRace = (error: AppError) => error.code === "conflict" && error.details?.status === undefined;
  const retry = (error: AppError) => error.retryable || isRace(error);
  return withBackoff({ ...STORAGE_BACKOFF, tries: 10, retry, seed: id }, async () => {
    const requests = await store();
    const before = await requests.get(PARTITION, id);
    if (before === undefined) return readRequest(id);
    const after = change(before.body);
    await requests.put(PARTITION, id, after, before.etag);
    return after;
  });
}

/** Deletes requests whose six months are over. @returns their ids */
export async function dropOldRequests(now: number): Promise<string[]> {
  const old = (await listRequests()).filter((request) => isPastRetention(request, now)).map(({ id }) => id);
  for (const id of old) await (await store()).delete(PARTITION, id);
  return old;
}

async function store(): Promise<Documents<SupportRequest>> {
  return documents(await table("SupportRequests"), requestSchema);
}
