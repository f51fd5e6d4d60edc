import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Mail, Teams } from "../tenant/index.js";
import { asset } from "./assets.js";
import { actSchema, paceSchema, Refusal, read, refuseForeign, writeSchema } from "./requests.js";

/** Newest messages and mails that the page shows. */
const SHOWN = 100;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const Pace = { full: "full", slow: "slow" } as const;
export type Pace = (typeof Pace)[keyof typeof Pace];

export interface TeamsPageOptions {
  readonly teams: Teams;
  readonly mails: () => readonly Mail[];
  /** Domain time, ms. */
  readonly now: () => number;
  /** The app's console, and the key that opens it. */
  readonly console: { readonly url: string; readonly key: string };
  /** How fast accelerated time goes; absent where it is not accelerated. */
  readonly pace?: { get(): Pace; set(pace: Pace): void };
  /** Preferred port; another one is taken when it is not free. Default: any. */
  readonly port?: number;
}

/** The page on which people meet the app in Teams: channel, chats and mails, over plain HTTP on loopback. */
export class TeamsPage {
  readonly #server: Server;

  private constructor(private readonly options: TeamsPageOptions) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async listen(options: TeamsPageOptions): Promise<TeamsPage> {
    const page = new TeamsPage(options);
    await page.#listen(options.port ?? 0).catch(() => page.#listen(0));
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/teams`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  /** Slows accelerated time down, or lets it run; where time is not paced it does nothing. */
  setPace(pace: Pace): void {
    this.options.pace?.set(pace);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseForeign(request);
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      if (request.method === "GET" && this.#file(url.pathname, response)) return;
      send(response, 200, await this.#answer(request, url));
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      send(response, status, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  #file(path: string, response: ServerResponse): boolean {
    if (path === "/") {
      response.writeHead(302, { location: "/teams" }).end();
      return true;
    }
    const found = asset(path === "/teams" ? "page.html" : path.replace(/^\/teams\//, ""));
    if (found === undefined) return false;
    const headers = { "content-type": found.type, "content-security-policy": POLICY, "cache-control": "no-store" };
    response.writeHead(200, headers).end(found.content);
    return true;
  }

  async #answer(request: IncomingMessage, url: URL): Promise<object> {
    const { teams, pace } = this.options;
    const call = `${request.method} ${url.pathname}`;
    if (call === "GET /teams/state") return this.#state(this.#person(url.searchParams.get("as") ?? ""));
    if (call === "POST /teams/act") {
      const { as, messageId, ...action } = await read(request, actSchema);
      return teams.act(this.#person(as), messageId, action);
    }
    if (call === "POST /teams/write") {
      const { as, text } = await read(request, writeSchema);
      return { error: (await teams.write(this.#person(as), text)) ?? null };
    }
    if (call === "POST /teams/pace") {
      pace?.set((await read(request, paceSchema)).pace);
      return {};
    }
    throw new Refusal(404, "There is no such page.");
  }

  /** Object id of a person named by it or by role; the first of the team when nobody is. Throws 404. */
  #person(name: string): string {
    const { people } = this.options.teams;
    const person = name === "" ? people[0] : people.find(({ oid, role }) => oid === name || role === name);
    if (person === undefined) throw new Refusal(404, `Nobody in the team is '${name}'.`);
    return person.oid;
  }

  #state(oid: string): object {
    const { teams, mails, now, console, pace } = this.options;
    return {
      now: new Date(now()).toISOString(),
      me: oid,
      people: teams.people.map(({ oid, name, role }) => ({ oid, name, role })),
      channel: teams.channel(oid).slice(-SHOWN),
      chat: teams.chat(oid).slice(-SHOWN),
      mails: mails().slice(-SHOWN),
      console,
      pace: pace?.get() ?? null,
    };
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
