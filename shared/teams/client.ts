import { config } from "../config.js";
import { AppError } from "../errors.js";
import type { TokenSource } from "../graph/credential.js";
import { type Connector, connector } from "./connector.js";
import { type BotSettings, botSettings } from "./settings.js";
import { knownServiceUrl } from "./store.js";
import { botTokens } from "./token.js";

let tokens: TokenSource | undefined;

/**
 * The bot in Teams, as the app settings say.
 * @param serviceUrl where to send; default: where Teams said last that it is reached, else TEAMS_SERVICE_URL
 * @throws AppError `invalid_input` when there is no bot, or Teams never said where it is reached
 */
export async function teamsClient(serviceUrl?: string): Promise<Connector> {
  const bot = botSettings();
  if (bot === undefined) throw unreachable("BOT_APP_ID", "No bot is set up");
  const url = serviceUrl ?? (await knownServiceUrl()) ?? bot.serviceUrl;
  if (url === undefined) throw unreachable("TEAMS_SERVICE_URL", "Teams has not said yet where it is reached");
  tokens ??= botTokens(bot);
  return connector({ appId: bot.appId, tenantId: tenantOf(bot), serviceUrl: url, tokens });
}

/** Tenant whose people the bot talks to; its own registration may stand in another one. */
export function tenantOf(bot: Pick<BotSettings, "tenantId">): string {
  return config().TENANT_ID ?? bot.tenantId;
}

function unreachable(field: string, what: string): AppError {
  return new AppError("invalid_input", `${what}. Set ${field} and restart.`, { field });
}
