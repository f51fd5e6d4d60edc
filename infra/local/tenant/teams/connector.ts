import { z } from "zod";
import type { Authority } from "../authority/authority.js";
import type { Outcome } from "../graph/api.js";
import { created, type GraphResponse, type Json, ok } from "../graph/types.js";
import type { Site, SiteCall } from "../site.js";
import type { World } from "../world.js";
import { readMessage } from "./activity.js";
import { BOT_ISSUER } from "./bot.js";
import type { Conversations, Place, Sender } from "./conversations.js";
import { badSyntax, ConnectorFault, notInRoster, tooLarge, tooMany } from "./fault.js";
import { RateLimits } from "./limits.js";
import type { TeamMember } from "./people.js";

/** Where the service is, below the tenant's host. */
export const SERVICE_PATH = "/teams/";
/** Largest body, bytes (graph.md §4.4). */
export const MAX_BYTES = 28 * 1024;
const DEFAULT_PAGE = 500;

const newConversation = z.object({
  isGroup: z.boolean().optional(),
  bot: z.object({ id: z.string() }).optional(),
  tenantId: z.string().optional(),
  members: z.array(z.object({ id: z.string() })).optional(),
  channelData: z.object({ channel: z.object({ id: z.string() }).optional() }).optional(),
  activity: z.unknown().optional(),
});

interface Routed extends SiteCall {
  /** Parts of the path, decoded. */
  readonly params: readonly string[];
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (call: Routed) => GraphResponse;
}

/** The Connector: the REST API through which a bot posts in Teams (graph.md §4.5). */
export class Connector implements Site {
  readonly #limits = new RateLimits();
  readonly #routes: readonly Route[] = [
    { method: "POST", path: /^conversations$/, handle: (call) => this.#create(call) },
    { method: "POST", path: /^conversations\/([^/]+)\/activities(?:\/([^/]+))?$/, handle: (call) => this.#send(call) },
    { method: "PUT", path: /^conversations\/([^/]+)\/activities\/([^/]+)$/, handle: (call) => this.#replace(call) },
    { method: "DELETE", path: /^conversations\/([^/]+)\/activities\/([^/]+)$/, handle: (call) => this.#remove(call) },
    { method: "GET", path: /^conversations\/([^/]+)\/pagedmembers$/, handle: (call) => this.#members(call) },
  ];

  constructor(
    private readonly world: World,
    private readonly authority: Authority,
    private readonly conversations: Conversations,
    private readonly bot: Sender & { readonly appId: string },
  ) {}

  answer(call: SiteCall): Outcome | undefined {
    if (!call.path.startsWith(`${SERVICE_PATH}v3/`)) return undefined;
    const { faults } = this.world;
    const name = `teams ${call.method} ${call.path}`;
    const strikes = faults.draw(name);
    const write = call.method !== "GET";
    const response = this.#guarded(() => {
      this.#authenticate(call);
      if (strikes("throttle")) {
        throw tooMany({ "Retry-After": String(faults.current.throttle?.retryAfterSeconds ?? 10) });
      }
      if (faults.current.teamsLimits === true && !this.#limits.admitsRequest()) throw tooMany();
      const answered = this.world.store.atomically(() => this.#route(call));
      if (write && strikes("unavailableAfterWrite")) throw gateway(faults.namesDate(name));
      return answered;
    });
    if (write && response.status < 300 && strikes("resetAfterWrite")) return { response, accident: "reset" };
    return strikes("truncatedJson") ? { response, accident: "truncated" } : { response };
  }

  #guarded(run: () => GraphResponse): GraphResponse {
    try {
      return run();
    } catch (error) {
      if (error instanceof ConnectorFault) return error.response;
      throw error;
    }
  }

  #authenticate({ headers }: SiteCall): void {
    const claims = this.authority.bearer(headers.authorization, [BOT_ISSUER]);
    if (claims === undefined) {
      throw new ConnectorFault(401, "Unauthorized", "Authorization has been denied for this request.");
    }
    if (claims.appid !== this.bot.appId) {
      throw new ConnectorFault(401, "BotNotRegistered", "No registration found for this bot.");
    }
  }

  #route(call: SiteCall): GraphResponse {
    const path = call.path.slice(`${SERVICE_PATH}v3/`.length);
    for (const { method, path: pattern, handle } of this.#routes) {
      const found = method === call.method ? pattern.exec(path) : null;
      if (found !== null)
        return handle({ ...call, params: found.slice(1).map((part) => decodeURIComponent(part ?? "")) });
    }
    throw new ConnectorFault(404, "ServiceError", "The service has no such operation.");
  }

  #create(call: Routed): GraphResponse {
    const parsed = newConversation.safeParse(bodyOf(call));
    if (!parsed.success) throw badSyntax("The parameters of the conversation are malformed.");
    const { isGroup = false, tenantId = this.world.tenantId, members = [], channelData, activity } = parsed.data;
    if (tenantId !== this.world.tenantId) throw badSyntax("The tenant is not the bot's.");
    if (isGroup) return this.#createThread(channelData?.channel?.id ?? "", activity);
    const person = this.conversations.person(members[0]?.id ?? "");
    if (members.length !== 1 || person === undefined) throw badSyntax("Invalid user identity in provided tenant.");
    const chat = this.conversations.chatWith(person);
    this.#requireBot(chat);
    if (activity === undefined) return created({ id: chat.conversationId });
    return created({ id: chat.conversationId, activityId: this.#post(chat, activity) });
  }

  #createThread(channelId: string, activity: unknown): GraphResponse {
    const channel = this.conversations.find(channelId);
    this.#requireBot(channel);
    const activityId = this.#post(channel, activity);
    return created({ id: `${channelId};messageid=${activityId}`, activityId });
  }

  #send(call: Routed): GraphResponse {
    const [id = ""] = call.params;
    const place = this.#place(id);
    return created({ id: this.#post(place, bodyOf(call)) });
  }

  #replace(call: Routed): GraphResponse {
    const [id = "", activityId = ""] = call.params;
    const message = this.conversations.message(this.#place(id), activityId);
    this.#limit(message.conversationId);
    this.conversations.replace(message, readMessage(bodyOf(call)));
    return ok({ id: activityId });
  }

  #remove({ params: [id = "", activityId = ""] }: Routed): GraphResponse {
    this.conversations.remove(this.conversations.message(this.#place(id), activityId));
    return { status: 200 };
  }

  #members({ params: [id = ""], query }: Routed): GraphResponse {
    const members = this.conversations.membersOf(this.#place(id));
    const from = Number(query.get("continuationToken") ?? 0);
    const size = Number(query.get("pageSize") ?? DEFAULT_PAGE);
    if (!Number.isInteger(from) || !(size >= 1 && size <= DEFAULT_PAGE)) throw badSyntax("The page is not valid.");
    const continues = from + size < members.length ? { continuationToken: String(from + size) } : {};
    return ok({ members: members.slice(from, from + size).map((each) => this.#memberJson(each)), ...continues });
  }

  #memberJson({ mri, oid, name, userPrincipalName }: TeamMember): Json {
    const [givenName = "", surname = ""] = name.split(" ");
    const person = { id: mri, name, objectId: oid, aadObjectId: oid, givenName, surname, userPrincipalName };
    return { ...person, email: userPrincipalName, tenantId: this.world.tenantId, userRole: "user" };
  }

  /** The conversation, if the bot may speak there. */
  #place(id: string): Place {
    const place = this.conversations.find(id);
    this.#requireBot(place);
    return place;
  }

  #requireBot(place: Place): void {
    if (!this.conversations.hasBot(place)) throw notInRoster();
  }

  #post(place: Place, activity: unknown): string {
    this.#limit(place.conversationId);
    return this.conversations.post(place, { kind: "bot", name: this.bot.name }, readMessage(activity)).id;
  }

  #limit(conversationId: string): void {
    if (this.world.faults.current.teamsLimits === true && !this.#limits.admitsSend(conversationId)) throw tooMany();
  }
}

function gateway(isTimeout: boolean): ConnectorFault {
  return isTimeout
    ? new ConnectorFault(504, "GatewayTimeout", "The gateway did not receive a response in time.")
    : new ConnectorFault(502, "ServiceError", "Bad gateway.");
}

/** The body as JSON. Throws 413, 400. */
export function bodyOf({ text }: Pick<SiteCall, "text">): unknown {
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge();
  try {
    return JSON.parse(text);
  } catch {
    throw badSyntax("The body is not JSON.");
  }
}
