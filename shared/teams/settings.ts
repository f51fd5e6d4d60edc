import { config } from "../config.js";
import { AppError } from "../errors.js";

/** The bot as the app settings describe it. */
export interface BotSettings {
  readonly appId: string;
  readonly secret: string;
  readonly tenantId: string;
  /** Authority of the bot's own tokens, without trailing slash. */
  readonly authority: string;
  /** Where the keys of what Teams sends are announced. */
  readonly metadataUrl: string;
  /** Where Teams is reached until it has told us; with trailing slash. */
  readonly serviceUrl: string | undefined;
}

/** The bot, or undefined where none is set up. Throws `invalid_input` when it is set up by half. */
export function botSettings(): BotSettings | undefined {
  const settings = config();
  const { BOT_APP_ID: appId, BOT_APP_SECRET: secret, TEAMS_SERVICE_URL: serviceUrl } = settings;
  if (appId === undefined) return undefined;
  const tenantId = settings.BOT_TENANT_ID ?? settings.TENANT_ID;
  if (secret === undefined) throw missing("BOT_APP_SECRET");
  if (tenantId === undefined) throw missing("BOT_TENANT_ID");
  return {
    appId,
    secret,
    tenantId,
    authority: (settings.BOT_AUTHORITY ?? settings.GRAPH_AUTHORITY).replace(/\/+$/, ""),
    metadataUrl: settings.BOT_METADATA_URL,
    serviceUrl,
  };
}

function missing(field: string): AppError {
  const message = `App setting ${field} is missing although BOT_APP_ID is set. Set it, or remove BOT_APP_ID to leave questions in the API.`;
  return new AppError("invalid_input", message, { field });
}
