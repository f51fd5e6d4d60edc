import type { Operations } from "./operations.js";
import type { Shown } from "./reply.js";
import type { Route } from "./route.js";

/*
 * A client of the API for whoever runs in JavaScript, a browser included. Its types are those of the operations
 * themselves, so that there is nothing to generate or to keep in step; where each operation is, it reads from the app's
 * own openapi.json.
 */

export type OperationName = keyof Operations;
type Types<N extends OperationName> =
  Operations[N] extends Route<infer _B, infer Q, infer A, infer I, infer P> ? { Q: Q; A: A; I: I; P: P } : never;

type Parameters<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Parameters<Rest> : never;

/** What a call may carry. */
export interface Given<N extends OperationName> {
  readonly path?: Readonly<Record<Parameters<Types<N>["P"]>, string>>;
  readonly query?: Partial<Readonly<Record<keyof Types<N>["Q"] | "top" | "continuation", string | number>>>;
  readonly body?: Types<N>["I"];
  /** Such as If-Match or Idempotency-Key. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Parameters of the path have to be given where there are some. */
type Arguments<N extends OperationName> = [Parameters<Types<N>["P"]>] extends [never]
  ? [given?: Given<N>]
  : [given: Given<N> & { readonly path: Readonly<Record<Parameters<Types<N>["P"]>, string>> }];

export interface Answered<T> {
  readonly status: number;
  readonly etag: string | null;
  readonly body: T;
}

/** What an operation answers. */
export type AnswerOf<N extends OperationName> = Shown<Types<N>["A"]>;

/** Items of an operation's pages. */
export type ItemOf<N extends OperationName> = Types<N>["A"] extends { value: (infer T)[] } ? Shown<T> : never;

/** A refusal: problem details (RFC 9457). */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly status: number,
    readonly problem: Readonly<Record<string, unknown>>,
  ) {
    super(`${status}: ${String(problem.detail ?? "the app gave no reason")}`);
  }
}

export interface ClientOptions {
  /** Address of the app. */
  readonly url: string;
  /** Headers of every call: key, token, CSRF token. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

interface Place {
  readonly method: string;
  readonly path: string;
}

/** Calls operations by name: `client.call("releasesGet", { path: { releaseId } })`. */
export class ApiClient {
  #places: Promise<ReadonlyMap<string, Place>> | undefined;

  constructor(private readonly options: ClientOptions) {}

  /** Throws Refused unless the call succeeds. */
  async call<N extends OperationName>(name: N, ...[given = {}]: Arguments<N>): Promise<Answered<AnswerOf<N>>> {
    const { method, path } = await this.#placeOf(name);
    const filled = path.replace(/\{(\w+)\}/g, (_whole, parameter: string) =>
      encodeURIComponent(String(Object.entries(given.path ?? {}).find(([key]) => key === parameter)?.[1] ?? "")),
    );
    const query = Object.entries(given.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]);
    return this.#send(method, query.length === 0 ? filled : `${filled}?${new URLSearchParams(query)}`, given);
  }

  /** All items of a list, page after page. */
  async all<N extends OperationName>(name: N, ...given: Arguments<N>): Promise<ItemOf<N>[]> {
    const items: ItemOf<N>[] = [];
    let page = (await this.call(name, ...given)).body as Page<ItemOf<N>>;
    for (;;) {
      items.push(...page.value);
      if (page.nextLink === undefined) return items;
      page = (await this.#send<Page<ItemOf<N>>>("GET", page.nextLink, { headers: given[0]?.headers })).body;
    }
  }

  async #send<T>(
    method: string,
    path: string,
    {
      body,
      headers = {},
    }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> | undefined },
  ): Promise<Answered<T>> {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await (this.options.fetch ?? fetch)(new URL(path, this.options.url), {
      method,
      headers: { ...type, ...this.options.headers(), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const content: unknown = text !== "" && isJson(response) ? JSON.parse(text) : text;
    if (!response.ok) throw new Refused(response.status, isObject(content) ? content : {});
    return { status: response.status, etag: response.headers.get("etag"), body: content as T };
  }

  async #placeOf(name: OperationName): Promise<Place> {
    const reading = this.#places ?? this.#readPlaces();
    this.#places = reading;
    reading.catch(() => {
      if (this.#places === reading) this.#places = undefined;
    });
    const place = (await reading).get(name);
    if (place !== undefined) return place;
    throw new Error(`The app at ${this.options.url} has no operation ${name}. Is it of another version?`);
  }

  async #readPlaces(): Promise<ReadonlyMap<string, Place>> {
    const { body } = await this.#send<Document>("GET", "/api/v1/openapi.json", {});
    return new Map(
      Object.entries(body.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { operationId }]) => [
          operationId,
          { method: method.toUpperCase(), path },
        ]),
      ),
    );
  }
}

interface Page<T> {
  readonly value: readonly T[];
  readonly nextLink?: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

const isJson = (response: Response): boolean => /\bjson\b/.test(response.headers.get("content-type") ?? "");

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
