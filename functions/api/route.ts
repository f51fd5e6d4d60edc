import {
  app,
  type HttpMethod,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from "@azure/functions";
import * as df from "durable-functions";
import { z } from "zod";
import { areasOf } from "../../shared/access/areas.js";
import type { Caller } from "../../shared/access/caller.js";
import { type Actor, authorise, type Role } from "../../shared/access/roles.js";
import { requireActiveTenant } from "../../shared/tenant/state.js";
import { answered } from "./answered.js";
import { conditional } from "./etag.js";
import { newId, oncePerKey } from "./idempotency.js";
import { bodyOf, queryOf, textOf, withoutKey } from "./input.js";
import { type PageAsked, pageAsked, pageQuery } from "./paging.js";
import { onlyReads } from "./refusals.js";
import type { Reply, Shown } from "./reply.js";
import { refuseOutOfScope, refuseTenantWide } from "./scope.js";

export { param, validate } from "./input.js";
export { json } from "./reply.js";

export interface Call<B, Q = unknown> {
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters as they came, the function key left out. */
  readonly query: URLSearchParams;
  /** The same as the operation's schema reads them. */
  readonly asked: Q;
  readonly headers: HttpRequest["headers"];
  readonly body: B;
  readonly actor: Actor;
  /** How the caller proved who he is. */
  readonly via: Caller["via"];
  /** The page of a list; the first one where the operation has no pages. */
  readonly page: PageAsked;
  /** Id of what the call creates. */
  readonly newId: () => string;
  readonly client: df.DurableClient;
  readonly context: InvocationContext;
}

/** What describes an operation. */
export interface Operation {
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
  readonly body?: z.core.$ZodType;
  /** What callers are told of the body, where the operation itself checks what `body` leaves open. */
  readonly described?: z.core.$ZodType;
  /** Query parameters, each of them text; any other is refused. Default: none. */
  readonly query?: z.ZodObject;
  /** The list comes in pages (paging.ts): it takes `top` and `continuation` too. */
  readonly page?: true;
  /** Takes If-Match, which the operation itself compares (etag.ts). */
  readonly ifMatch?: true;
  /** What success looks like. */
  readonly answer: Success<unknown>;
}

/**
 * An operation with what it does. Types: B, the body as it is read, and I, as callers write it; Q, the query; A, the
 * answer; P, the path.
 */
export interface Route<B, Q = unknown, A = unknown, I = unknown, P extends string = string> extends Operation {
  readonly path: P;
  readonly body?: z.core.$ZodType<B, I>;
  readonly query?: z.ZodObject & z.core.$ZodType<Q>;
  readonly answer: Success<A>;
  readonly run: (call: Call<B, Q>) => Promise<Reply<Shown<A>>>;
}

export interface Success<A> {
  /** Default 200. */
  readonly status?: number;
  /** Another status of success, where an operation has two. */
  readonly or?: number;
  readonly about: string;
  /** Schema of the JSON body; absent: there is none, or it is of another type. */
  readonly schema?: z.core.$ZodType<A>;
  /** Type of a body that is not JSON, e.g. `text/csv`; beside a schema: what the Accept header may ask for instead. */
  readonly type?: string;
  /** It tells a secret, which is at rest only sealed (idempotency.ts). */
  readonly secret?: true;
  /** A single resource with an ETag; a reader who has it (If-None-Match) gets 304. */
  readonly etag?: true;
}

const NO_QUERY = z.object({});

const registered: Operation[] = [];

/** Every operation of the API in the order of registration, for openapi.json and for calls of paths there are not. */
export function operations(): readonly Operation[] {
  return registered;
}

/** Registers an operation of the API: parse, authorise, call, answer. */
export function route<B = undefined, Q = unknown, A = unknown, I = unknown, const P extends string = string>(
  definition: Route<B, Q, A, I, P>,
): Route<B, Q, A, I, P> {
  registered.push(definition);
  app.http(definition.name, {
    methods: [definition.method],
    route: `api/v1/${definition.path}`,
    authLevel: "function",
    extraInputs: [df.input.durableClient()],
    handler: (request, context) =>
      answered(definition, request, context, (caller) => serve(definition, { request, context, caller })),
  });
  return definition;
}

interface Exchange {
  readonly request: HttpRequest;
  readonly context: InvocationContext;
  readonly caller: Caller;
}

async function serve<B, Q, A>(
  definition: Route<B, Q, A>,
  { request, context, caller }: Exchange,
): Promise<HttpResponseInit> {
  const { actor, via } = caller;
  const { params, headers } = request;
  authorise(actor, definition.role, definition.act, areasOf(definition.method, definition.path));
  refuseTenantWide(actor, definition);
  if (needsActiveTenant(definition)) await requireActiveTenant();
  await refuseOutOfScope(actor, params);
  const query = withoutKey(request.query);
  const asked = queryOf(querySchema(definition), query) as Q;
  const page = pageAsked(definition.name, request.url, definition.page === true ? query : new URLSearchParams());
  const text = await textOf(request);
  const body =
    definition.body === undefined ? (undefined as B) : bodyOf(definition.body, text, headers.get("content-type"));
  const call: Call<B, Q> = {
    ...{ params, query, asked, page, headers, body, actor, via },
    newId: () => newId(request, { actor, text }),
    ...{ client: df.getClient(context), context },
  };
  const reply = await oncePerKey(request, { actor, text, secret: definition.answer.secret }, () =>
    definition.run(call),
  );
  return definition.answer.etag === true ? conditional(request, reply) : reply;
}

/** The query parameters that an operation takes. */
export function querySchema({ query = NO_QUERY, page }: Pick<Operation, "query" | "page">): z.ZodObject {
  return page === true ? query.extend(pageQuery.shape) : query;
}

/** Reads are open at any time; writes need a tenant that is enrolled and active, unless they manage just that. */
function needsActiveTenant({ method, tenant }: Pick<Operation, "method" | "tenant">): boolean {
  return tenant !== "any" && !onlyReads(method);
}
