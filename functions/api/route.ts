import {
  app,
  type HttpMethod,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from "@azure/functions";
import * as df from "durable-functions";
import type { z } from "zod";
import { areasOf } from "../../shared/access/areas.js";
import { callerOf } from "../../shared/access/caller.js";
import { type Actor, authorise, type Role } from "../../shared/access/roles.js";
import { AppError } from "../../shared/errors.js";
import { requireActiveTenant } from "../../shared/tenant/state.js";
import { problem } from "./problem.js";
import { refuseOutOfScope, refuseTenantWide } from "./scope.js";

/** Largest body an API call may carry, bytes. */
const MAX_BODY_BYTES = 256 * 1024;

export interface Call<B> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: HttpRequest["headers"];
  readonly body: B;
  readonly actor: Actor;
  readonly client: df.DurableClient;
  readonly context: InvocationContext;
}

export interface Route<B> {
  /** Function name, also the operation id: `releasesPause`. */
  readonly name: string;
  readonly method: HttpMethod;
  /** Below /api/v1, e.g. `releases/{releaseId}/pause`. */
  readonly path: string;
  /** Least role that may call it. */
  readonly role: Role;
  /** What the call does, in the words of a refusal: "pause a release". */
  readonly act: string;
  /** Allowed while the tenant is inactive or not enrolled, as tenant management is; other writes are refused then. */
  readonly tenant?: "any";
  readonly body?: z.ZodType<B>;
  /** Query parameters, each of them text; described in openapi.json. */
  readonly query?: z.ZodObject;
  /** What success looks like; described in openapi.json. Status: default 200. */
  readonly answer?: { readonly status?: number; readonly about: string; readonly schema?: z.ZodType };
  readonly run: (call: Call<B>) => Promise<HttpResponseInit>;
}

/** Registers an operation of the API: parse, authorise, call, answer. */
export function route<B = undefined>(definition: Route<B>): void {
  app.http(definition.name, {
    methods: [definition.method],
    route: `api/v1/${definition.path}`,
    authLevel: "function",
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
      try {
        const actor = await callerOf(request.headers.get("authorization"));
        authorise(actor, definition.role, definition.act, areasOf(definition.method, definition.path));
        refuseTenantWide(actor, definition);
        if (needsActiveTenant(definition)) await requireActiveTenant();
        await refuseOutOfScope(actor, request.params);
        const body = await bodyOf(definition, request);
        const { params, query, headers } = request;
        return await definition.run({ params, query, headers, body, actor, client: df.getClient(context), context });
      } catch (error) {
        if (!(error instanceof AppError)) context.error(error);
        return problem(error, new URL(request.url).pathname);
      }
    },
  });
}

/** A reply with a JSON body. */
export function json(value: unknown, status = 200): HttpResponseInit {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** Reads are open at any time; writes need a tenant that is enrolled and active, unless they manage just that. */
function needsActiveTenant({ method, tenant }: Pick<Route<unknown>, "method" | "tenant">): boolean {
  return tenant !== "any" && method !== "GET" && method !== "HEAD";
}

async function bodyOf<B>(definition: Route<B>, request: HttpRequest): Promise<B> {
  if (definition.body === undefined) return undefined as B;
  const text = await request.text();
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) {
    throw new AppError("invalid_input", `The body is larger than ${MAX_BODY_BYTES} bytes. Send less in one call.`);
  }
  return validate(definition.body, text === "" ? {} : parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_input", `The body is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

/** Validates API input. Throws `invalid_input` naming the first field that is wrong. */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { field, problem } = explained(parsed.error.issues[0]);
  throw new AppError("invalid_input", `${field === "" ? "The body" : field}: ${problem}.`, { field });
}

function explained(issue: z.core.$ZodIssue | undefined): { field: string; problem: string } {
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    return { field: [...path, issue.keys[0] ?? ""].join("."), problem: "this call does not know the field" };
  }
  const missing = issue?.message.endsWith("received undefined") === true;
  return { field: path.join("."), problem: missing ? "the field is missing" : (issue?.message ?? "it is wrong") };
}

/** A path parameter that must be there. */
export function param(call: { readonly params: Readonly<Record<string, string>> }, name: string): string {
  const value = call.params[name];
  if (value === undefined || value === "")
    throw new AppError("invalid_input", `The path lacks ${name}.`, { field: name });
  return value;
}
