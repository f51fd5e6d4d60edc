import type { QueryOptions } from "../odata/options.js";
import type { Service } from "./errors.js";

export type Json = Record<string, unknown>;
export type Version = "v1.0" | "beta";

export interface GraphRequest {
  readonly method: string;
  readonly version: Version;
  /** Path below the version, as sent. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryOptions;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  /** The application that calls. */
  readonly clientId: string;
  /** Application permissions of its token. */
  readonly roles: readonly string[];
  /** Scheme, host, port and version: what links in answers begin with. */
  readonly root: string;
  /** Items of the previous page to send again with the next one; 0 unless that fault is on. */
  readonly repeatItems: number;
}

export interface GraphResponse {
  readonly status: number;
  readonly body?: unknown;
  /** Plain text instead of JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Permissions a route needs: every group must be met, any one role of a group meets it. */
export type Permissions = readonly (readonly string[])[];

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** `/groups/{id}/members`; `(name)` names function or alternate-key arguments, `name?` optional ones. */
  readonly path: string;
  readonly service: Service;
  readonly needs: Permissions;
  /** Missing = both versions. */
  readonly only?: Version;
  /** The route answers 202 without saying whether it acted. */
  readonly answersAccepted?: true;
  readonly handle: (request: GraphRequest) => GraphResponse;
}

export const ok = (body: unknown): GraphResponse => ({ status: 200, body });
export const created = (body: unknown): GraphResponse => ({ status: 201, body });
export const accepted = (body?: unknown): GraphResponse => ({ status: 202, ...(body === undefined ? {} : { body }) });
export const noContent = (): GraphResponse => ({ status: 204 });
