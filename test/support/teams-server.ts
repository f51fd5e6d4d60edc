import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AdaptiveCard } from "../../shared/cards/elements.js";
import { APP_ID, TeamsChannel } from "./teams-channel.js";

/** A message that stands in Teams, with what it said first and what it says now. */
export interface StandingMessage {
  readonly conversationId: string;
  readonly activityId: string;
  /** As it is now. */
  card: AdaptiveCard | undefined;
  readonly text: string | undefined;
  changes: number;
}

interface Sent {
  readonly text?: string;
  readonly attachments?: readonly { readonly content: AdaptiveCard }[];
}

/** A small Teams over HTTP: gives the bot tokens, takes its messages, and publishes the keys with which it signs. */
export class TeamsServer {
  readonly messages: StandingMessage[] = [];
  /** Calls that are answered 429 before the next is carried out. */
  throttled = 0;
  readonly #server: Server;

  private constructor(
    readonly channel: TeamsChannel,
    private readonly members: readonly { readonly id: string; readonly aadObjectId: string; readonly name: string }[],
  ) {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(([status, body]) => {
        response.writeHead(status, { "content-type": "application/json", "retry-after": "30" });
        response.end(JSON.stringify(body));
      });
    });
  }

  static async start(members: TeamsServer["members"]): Promise<TeamsServer> {
    const teams = new TeamsServer(await TeamsChannel.create(), members);
    await new Promise<void>((resolve) => teams.#server.listen(0, "127.0.0.1", resolve));
    return teams;
  }

  get serviceUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Settings of an app that uses it. */
  get settings(): Record<string, string> {
    return {
      BOT_APP_ID: APP_ID,
      BOT_APP_SECRET: "secret-of-the-bot",
      BOT_AUTHORITY: this.serviceUrl,
      BOT_METADATA_URL: `${this.serviceUrl}metadata`,
      TEAMS_SERVICE_URL: this.serviceUrl,
      TEAMS_CHANNEL_ID: "19:updates@thread.tacv2",
    };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage): Promise<[status: number, body: unknown]> {
    const path = decodeURIComponent((request.url ?? "").replace(/\?.*/, ""));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (path.endsWith("/oauth2/v2.0/token")) return [200, { access_token: "token-of-the-bot", expires_in: 3600 }];
    if (path === "/metadata") return [200, { jwks_uri: `${this.serviceUrl}keys` }];
    if (path === "/keys") return [200, { keys: [this.channel.jwk] }];
    if (request.headers.authorization !== "Bearer token-of-the-bot") return [401, {}];
    if (this.throttled > 0) {
      this.throttled--;
      return [429, {}];
    }
    return this.#act(`${request.method} ${path}`, text === "" ? {} : JSON.parse(text));
  }

  #act(call: string, body: Record<string, unknown>): [status: number, body: unknown] {
    if (call.endsWith("/pagedmembers")) return [200, { members: this.members }];
    const [, cid, aid] = /v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(call) ?? [];
    if (call === "POST /v3/conversations" && body.isGroup === true) {
      const id = String(this.messages.length + 1);
      const conversationId = `19:updates@thread.tacv2;messageid=${id}`;
      this.#stand(conversationId, id, body.activity as Sent);
      return [201, { id: conversationId, activityId: id }];
    }
    if (call === "POST /v3/conversations") return [201, { id: `a:${(body.members as { id: string }[])[0]?.id}` }];
    if (call.startsWith("POST") && cid !== undefined) {
      const id = String(this.messages.length + 1);
      this.#stand(cid, id, body as Sent);
      return [201, { id }];
    }
    const standing = this.messages.find(
      ({ conversationId, activityId }) => conversationId === cid && activityId === aid,
    );
    if (!call.startsWith("PUT") || standing === undefined) return [404, { error: { code: "ConversationNotFound" } }];
    standing.card = (body as Sent).attachments?.[0]?.content;
    standing.changes++;
    return [200, {}];
  }

  #stand(conversationId: string, activityId: string, { text, attachments }: Sent): void {
    this.messages.push({ conversationId, activityId, card: attachments?.[0]?.content, text, changes: 0 });
  }
}
