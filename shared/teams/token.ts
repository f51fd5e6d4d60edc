import { z } from "zod";
import { AppError } from "../errors.js";
import type { TokenSource } from "../graph/credential.js";
import type { Fetch } from "../graph/transport.js";
import { wall } from "../wall.js";
import { refuseInsecure } from "./secure-url.js";
import type { BotSettings } from "./settings.js";

const SCOPE = "https://api.botframework.com/.default";
/** A token is fetched anew so long before it expires. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** Longest wait for the authority, milliseconds of wall time. */
const TIMEOUT_MS = 30_000;

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() });

/**
 * The bot's own tokens for the connector (graph.md §4.5), kept until shortly before they expire. `token` throws
 * `unauthenticated` when the authority refuses the bot, `unavailable` when it does not answer.
 */
export function botTokens(
  { authority, tenantId, appId, secret }: Pick<BotSettings, "authority" | "tenantId" | "appId" | "secret">,
  send: Fetch = fetch,
): TokenSource {
  let held: { readonly token: string; readonly expiresAt: number } | undefined;
  return {
    async token() {
      if (held !== undefined && held.expiresAt - wall.now() > RENEW_BEFORE_MS) return held.token;
      refuseInsecure(authority, "BOT_AUTHORITY");
      const form = { grant_type: "client_credentials", client_id: appId, client_secret: secret, scope: SCOPE };
      const { access_token: token, expires_in: seconds } = await request(
        `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
        new URLSearchParams(form),
        send,
      );
      held = { token, expiresAt: wall.now() + seconds * 1000 };
      return token;
    },
    renew() {
      held = undefined;
    },
  };
}

async function request(url: string, body: URLSearchParams, send: Fetch): Promise<z.infer<typeof answerSchema>> {
  let answer: { readonly status: number; readonly body: unknown };
  try {
    const response = await send(url, { method: "POST", body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    answer = { status: response.status, body: await response.json().catch(() => undefined) };
  } catch (cause) {
    throw unavailable("no answer", cause);
  }
  const { status } = answer;
  if (status === 429 || status >= 500) throw unavailable(`status ${status}`);
  const parsed = answerSchema.safeParse(answer.body);
  if (status === 200 && parsed.success) return parsed.data;
  const message = `The authority gives the bot no token (status ${status}). Check BOT_APP_ID, BOT_APP_SECRET, BOT_TENANT_ID and BOT_AUTHORITY, and renew an expired secret.`;
  throw new AppError("unauthenticated", message, { details: { status } });
}

function unavailable(reason: string, cause?: unknown): AppError {
  const message = `The authority that gives the bot its tokens did not answer (${reason}). The call is repeated by itself; check BOT_AUTHORITY and the network if it goes on.`;
  return new AppError("unavailable", message, { cause });
}
