import type { z } from "zod";
import type { AppError } from "../errors.js";

export type GraphVersion = "beta" | "v1.0";

export interface CallOptions {
  /** Windows updates and most Intune update types exist only in beta, so that is the default (graph.md §0.1). */
  readonly version?: GraphVersion;
  readonly headers?: Readonly<Record<string, string>>;
  /** OData options by name (`$filter`, `$top` …), not yet percent-encoded. */
  readonly query?: Readonly<Record<string, string | number | boolean>>;
}

export interface ReadOptions<T> extends CallOptions {
  /** What `get` reads, or what one item of `list` reads. */
  readonly schema: z.core.$ZodType<T>;
}

/** A write that Graph accepted (any 2xx). `body` is undefined for an empty answer: 202, 204. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface BatchRequest {
  readonly method: "POST" | "PATCH" | "DELETE";
  /** Relative, starts with a slash. */
  readonly path: string;
  readonly body?: unknown;
}

/** A step of a batch that Graph did not carry out; `index` is its place in the requests given. */
export interface BatchFailure {
  readonly index: number;
  readonly request: BatchRequest;
  readonly error: AppError;
}

/**
 * Microsoft Graph as the adapters of this folder need it. Every failure is an AppError: `throttled` and `unavailable`
 * may be repeated, all other codes are final (graph.md §6.1). No call is ever repeated by itself, but for one that a
 * stale token spoilt.
 */
export interface Graph {
  get<T>(path: string, options: ReadOptions<T>): Promise<T>;
  /** Pages of a collection in Graph's order, following nextLink. An item repeated by paging comes once. */
  pages<T>(path: string, options: ReadOptions<T>): AsyncIterable<readonly T[]>;
  /** A whole collection. */
  list<T>(path: string, options: ReadOptions<T>): Promise<T[]>;
  post(path: string, body: unknown, options?: CallOptions): Promise<Answer>;
  patch(path: string, body: unknown, options?: CallOptions): Promise<Answer>;
  put(path: string, body: unknown, options?: CallOptions): Promise<Answer>;
  delete(path: string, options?: CallOptions): Promise<Answer>;
  /** Sends writes 20 at a time through `$batch` (graph.md §3.3) and returns those that failed, in their order. */
  batch(requests: readonly BatchRequest[], options?: Pick<CallOptions, "version">): Promise<BatchFailure[]>;
}

/** Root of the Windows updates API (graph.md §1). */
export const UPDATES = "/admin/windows/updates";
/** Root of Intune (graph.md §2). */
export const INTUNE = "/deviceManagement";
