/** Where the app runs, which may be killed and started again. */
export interface Upstream {
  /** Resolves when the app answers, with the number of its starts. */
  ready(): Promise<number>;
}

interface Page<T> {
  readonly value: readonly T[];
  /** Address of the next page. */
  readonly nextLink?: string;
}

/** The app's API as the local commands call it, with the function key. */
export class Api {
  readonly url: string;
  readonly #key: string;
  readonly #upstream: Upstream | undefined;

  constructor(url: string, key: string, upstream?: Upstream) {
    this.url = url;
    this.#key = key;
    this.#upstream = upstream;
  }

  /** Asks again when the app was started again meanwhile. */
  async get<T>(path: string): Promise<T> {
    for (;;) {
      const asked = await this.#upstream?.ready();
      try {
        return (await this.#call("GET", path)) as T;
      } catch (error) {
        if ((await this.#upstream?.ready()) === asked) throw error;
      }
    }
  }

  /** All items of a list, page after page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let next: string | undefined = `${path}${path.includes("?") ? "&" : "?"}top=1000`;
    while (next !== undefined) {
      const page: Page<T> = await this.get(next);
      items.push(...page.value);
      next = page.nextLink?.replace("/api/v1", "");
    }
    return items;
  }

  /** @param key Idempotency-Key: what is created has an id that follows from it */
  async send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, key?: string): Promise<T> {
    return (await this.#call(method, path, body, key)) as T;
  }

  async #call(method: string, path: string, body?: unknown, key?: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...{ "x-functions-key": this.#key, "content-type": "application/json" },
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}
