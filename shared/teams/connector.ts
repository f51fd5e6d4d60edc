import { z } from "zod";
import type { AdaptiveCard } from "../cards/elements.js";
import type { TokenSource } from "../graph/credential.js";
import type { Fetch } from "../graph/transport.js";
import { failureOf, noAnswer } from "./failure.js";
import { refuseInsecure } from "./secure-url.js";

/** Longest wait for one answer, milliseconds of wall time. */
const TIMEOUT_MS = 30_000;
/** Members per page, as many as Teams gives. */
const PAGE = 500;

/** What the bot says. */
export interface Message {
  /** One line for notifications. */
  readonly summary: string;
  readonly card?: AdaptiveCard;
  /** Text, with `<at>…</at>` where people are mentioned. */
  readonly text?: string;
  readonly mentions?: readonly { readonly mri: string; readonly name: string }[];
}

export interface Member {
  /** `29:…`, by which Teams knows a person towards this bot. */
  readonly mri: string;
  /** Object id in Entra. */
  readonly oid: string;
  readonly name: string;
}

/** Where a message stands. */
export interface Posted {
  readonly conversationId: string;
  readonly activityId: string;
}

/**
 * The bot's side of Teams (Bot Framework connector, graph.md §4.5). Nothing is repeated here. Every call throws an
 * AppError: `throttled` or `unavailable` where another try makes sense, else `forbidden` (the app is not installed
 * there), `not_found` (the conversation or message is gone), `unauthenticated`, `invalid_input`.
 */
export interface Connector {
  /** Where it sends: with trailing slash. */
  readonly serviceUrl: string;
  /** Begins a thread in a channel. */
  postToChannel(channelId: string, message: Message): Promise<Posted>;
  /** The chat with a person; the same one whenever it is asked for. Returns its conversation id. */
  chatWith(mri: string): Promise<string>;
  /** Says something in a conversation; returns the id of the activity. */
  send(conversationId: string, message: Message): Promise<string>;
  /** Puts a message in place of another one. */
  update(posted: Posted, message: Message): Promise<void>;
  members(conversationId: string): AsyncIterable<Member>;
}

export interface ConnectorOptions {
  readonly appId: string;
  /** Tenant whose people it talks to. */
  readonly tenantId: string;
  readonly serviceUrl: string;
  readonly tokens: TokenSource;
  /** Default: the global fetch, which trusts NODE_EXTRA_CA_CERTS. */
  readonly fetch?: Fetch;
}

const conversationSchema = z.object({ id: z.string().min(1), activityId: z.string().optional() });
const sentSchema = z.object({ id: z.string().min(1) });
const membersSchema = z.object({
  continuationToken: z.string().optional(),
  members: z.array(
    z.object({
      id: z.string(),
      aadObjectId: z.string().optional(),
      objectId: z.string().optional(),
      name: z.string().optional(),
    }),
  ),
});

/** The bot over HTTP. Throws `invalid_input` for a service URL without TLS elsewhere than on this machine. */
export function connector(options: ConnectorOptions): Connector {
  const { appId, tenantId, fetch: send = fetch } = options;
  const serviceUrl = options.serviceUrl.replace(/\/*$/, "/");
  refuseInsecure(serviceUrl, "TEAMS_SERVICE_URL");
  const bot = { id: `28:${appId}` };

  async function call<T>(
    what: string,
    schema: z.core.$ZodType<T>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    let reply = await once(what, method, path, body);
    if (reply.status === 401) {
      options.tokens.renew();
      reply = await once(what, method, path, body);
    }
    if (reply.status < 200 || reply.status >= 300) throw failureOf(what, reply.status, reply.headers, reply.body);
    const parsed = z.safeParse(schema, reply.body);
    if (parsed.success) return parsed.data;
    throw noAnswer(what, "the answer is not what the connector documents");
  }

  async function once(what: string, method: string, path: string, body: unknown) {
    const token = await options.tokens.token();
    try {
      const response = await send(new URL(path, serviceUrl).href, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: parsed(text) };
    } catch (cause) {
      throw noAnswer(what, cause);
    }
  }

  const to = (conversationId: string) => `v3/conversations/${encodeURIComponent(conversationId)}`;

  return {
    serviceUrl,
    async postToChannel(channelId, message) {
      const channelData = { channel: { id: channelId }, tenant: { id: tenantId } };
      const body = { isGroup: true, bot, tenantId, channelData, activity: activityOf(message, bot) };
      const begun = await call("Posting to the channel", conversationSchema, "POST", "v3/conversations", body);
      // The root of a thread is the number behind its conversation.
      return { conversationId: begun.id, activityId: begun.activityId ?? begun.id.replace(/^.*;messageid=/, "") };
    },
    async chatWith(mri) {
      const body = { isGroup: false, bot, members: [{ id: mri }], tenantId, channelData: { tenant: { id: tenantId } } };
      return (await call("Opening a chat", conversationSchema, "POST", "v3/conversations", body)).id;
    },
    async send(conversationId, message) {
      const body = { ...activityOf(message, bot), conversation: { id: conversationId } };
      return (await call("Sending a message", sentSchema, "POST", `${to(conversationId)}/activities`, body)).id;
    },
    async update({ conversationId, activityId }, message) {
      const body = { ...activityOf(message, bot), id: activityId, conversation: { id: conversationId } };
      const path = `${to(conversationId)}/activities/${encodeURIComponent(activityId)}`;
      await call("Changing a message", z.unknown(), "PUT", path, body);
    },
    async *members(conversationId) {
      let token: string | undefined;
      do {
        const more = token === undefined ? "" : `&continuationToken=${encodeURIComponent(token)}`;
        const path = `${to(conversationId)}/pagedmembers?pageSize=${PAGE}${more}`;
        const page = await call("Reading the members", membersSchema, "GET", path);
        for (const { id, aadObjectId, objectId, name } of page.members) {
          const oid = aadObjectId ?? objectId;
          if (oid !== undefined) yield { mri: id, oid: oid.toLowerCase(), name: name ?? oid };
        }
        token = page.continuationToken === "" ? undefined : page.continuationToken;
      } while (token !== undefined);
    },
  };
}

/** A message as the connector takes it. */
function activityOf({ summary, card, text, mentions = [] }: Message, from: { readonly id: string }) {
  const content = { contentType: "application/vnd.microsoft.card.adaptive", content: card };
  return {
    type: "message",
    from,
    summary,
    ...(text === undefined ? {} : { text }),
    ...(card === undefined ? {} : { attachments: [content] }),
    ...(mentions.length === 0 ? {} : { entities: mentions.map(entityOf) }),
  };
}

/** How a person is written into a text that mentions him: what could be markup is left out of the name. */
export function atMention(name: string): string {
  return `<at>${name.replaceAll(/[<>&*_[\]`]/g, "")}</at>`;
}

function entityOf({ mri, name }: { readonly mri: string; readonly name: string }) {
  return { type: "mention", text: atMention(name), mentioned: { id: mri, name } };
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
