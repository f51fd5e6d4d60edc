import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { World } from "./world.js";

/** Reads the tenant as a third party would: a token of its own, then Graph over HTTPS. */
export class GraphReader {
  readonly #world: World;
  #token: string | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** `path` below the root of Graph, with its version: `beta/deviceManagement/deviceConfigurations`. */
  async get<T>(path: string): Promise<T> {
    const authorization = `Bearer ${await this.#bearer()}`;
    return (await this.#send("GET", `/${path}`, { authorization })) as T;
  }

  /** All pages of a collection. */
  async list<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const page: { value: T[]; "@odata.nextLink"?: string } = await this.get(next);
      found.push(...page.value);
      next = page["@odata.nextLink"]?.slice(this.#world.tenant.graphUrl.length);
    }
    return found;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.#write("POST", path, body)) as T;
  }

  async patch(path: string, body: unknown): Promise<void> {
    await this.#write("PATCH", path, body);
  }

  async #write(method: string, path: string, body: unknown): Promise<unknown> {
    const headers = { authorization: `Bearer ${await this.#bearer()}`, "content-type": "application/json" };
    return this.#send(method, `/${path}`, headers, JSON.stringify(body));
  }

  /** As an administrator does who tidies up by hand. */
  async delete(path: string): Promise<void> {
    await this.#send("DELETE", `/${path}`, { authorization: `Bearer ${await this.#bearer()}` });
  }

  async #bearer(): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.#world.tenant.credentials;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: "https://graph.microsoft.com/.default",
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = () => this.#send("POST", `/${tenantId}/oauth2/v2.0/token`, headers, form.toString());
    this.#token ??= ((await answer()) as { access_token: string }).access_token;
    return this.#token;
  }

  #send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<unknown> {
    const { graphUrl, caFile } = this.#world.tenant;
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, graphUrl), { method, headers, ca: readFileSync(caFile) }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(text === "" ? undefined : JSON.parse(text));
          else reject(new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`));
        });
      });
      call.once("error", reject).end(body);
    });
  }
}

/** The Intune update ring of a deployment ring, by Graph's names (graph.md §2.5). */
export interface IntuneRing {
  readonly id: string;
  readonly displayName: string;
  readonly [setting: string]: unknown;
}

/** The Intune update rings of a group `Workforce`, by the name of the deployment ring. */
export async function intuneRings(graph: GraphReader): Promise<Record<string, IntuneRing>> {
  const rings = await graph.list<IntuneRing>("beta/deviceManagement/deviceConfigurations");
  return Object.fromEntries(
    rings.map((ring) => [/^Ringmaster Workforce - (.+) update ring \[/.exec(ring.displayName)?.[1] ?? ring.id, ring]),
  );
}
