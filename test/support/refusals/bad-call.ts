import type { Callers } from "./callers.js";

/** A call of the API. */
export interface Sent {
  readonly method: string;
  /** Below /api/v1. */
  readonly path: string;
  /** Default: those of an Administrator with a token. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  /** Default application/json. */
  readonly type?: string;
}

/** How a call has to be refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

/** One call that has to be refused. */
export interface BadCall extends Sent, Refusal {
  readonly title: string;
}

/** What there is in the world whose API is called. */
export interface Ground {
  readonly callers: Callers;
  readonly releaseId: string;
  readonly deviceId: string;
  readonly contactId: string;
  /** Of the second page of devices. */
  readonly continuation: string;
  readonly csrf: string;
}

export const GROUP = "groups/workforce";
/** Somebody with scope tags that the group does not have. */
export const SCOPED = "0f9c5a1e-0000-4000-8000-000000000000";

export const get = (path: string): Sent => ({ method: "GET", path });
export const post = (path: string, body: unknown = {}): Sent => ({ method: "POST", path, body });
export const put = (path: string, body: unknown): Sent => ({ method: "PUT", path, body });
export const remove = (path: string): Sent => ({ method: "DELETE", path });

export const UNAUTHENTICATED: Refusal = { status: 401, code: "unauthenticated" };
export const forbidden = (field?: string) => refusal(403, "forbidden", field);
export const invalid = (field?: string) => refusal(400, "invalid_input", field);
export const missing = (field?: string) => refusal(404, "not_found", field);
export const conflict = (field?: string) => refusal(409, "conflict", field);
export const STALE: Refusal = { status: 412, code: "stale" };

function refusal(status: number, code: string, field: string | undefined): Refusal {
  return { status, code, ...(field === undefined ? {} : { field }) };
}

/** @param headers of who calls, or beside those of the Administrator */
export function bad(title: string, sent: Sent, expected: Refusal, headers?: Sent["headers"]): BadCall {
  return { title, ...sent, ...expected, ...(headers === undefined ? {} : { headers }) };
}
