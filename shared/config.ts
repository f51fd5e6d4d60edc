import { z } from "zod";
import { AppError } from "./errors.js";

/**
 * Every setting of the app, read and validated once; nothing else touches process.env. Names are those of the app
 * settings in Azure and of local.settings.json.
 */
const settingsSchema = z.object({
  /** Storage account of the function app; state, ledger and audit live in its tables. */
  AzureWebJobsStorage: z.string().min(1).optional(),
  /** Identity-based form of the same (preferred in Azure). */
  AzureWebJobsStorage__accountName: z.string().min(1).optional(),
  /** Service Bus connection string, or the namespace for identity-based connections. */
  ServiceBus: z.string().min(1).optional(),
  ServiceBus__fullyQualifiedNamespace: z.string().min(1).optional(),
  /** Root of Microsoft Graph, with trailing slash. National clouds: see graph.md §6.4. */
  GRAPH_BASE_URL: z.url().default("https://graph.microsoft.com/"),
  /** Authority that issues tokens for Graph. */
  GRAPH_AUTHORITY: z.url().default("https://login.microsoftonline.com"),
  /** Entra tenant id. */
  TENANT_ID: z.string().min(1).optional(),
  /** Application that calls Graph. Without a secret the app's managed identity is used. */
  GRAPH_CLIENT_ID: z.string().min(1).optional(),
  GRAPH_CLIENT_SECRET: z.string().min(1).optional(),
  /** Entries of the update catalogue older than this many days before today are never made into releases. */
  RELEASE_MAX_AGE_DAYS: z.coerce.number().int().min(0).max(365).default(14),
  /** Seconds to wait after a directory group was created before a policy may name it (graph.md §1.9). */
  GROUP_REPLICATION_SECONDS: z.coerce.number().int().min(0).max(3600).default(30),
  /**
   * Audience of the tokens with which people call the API: the Application ID URI of the app registration, or its client
   * id where it takes tokens of version 2.
   */
  API_AUDIENCE: z.string().min(1).default("api://ringmaster"),
  /** What the function key alone may do, without a token: nothing (`none`, the default), or as much as this role. */
  API_KEY_ROLE: z.enum(["none", "Reader", "Operator", "Approver", "Administrator"]).default("none"),
  /** Set by App Service: "True" while its own authentication is on, and only then its principal header is trusted. */
  WEBSITE_AUTH_ENABLED: z.string().optional(),
  /** Secret behind the CSRF tokens of browser sessions, the same on every instance; without it they only read. */
  CSRF_SECRET: z.string().min(32).optional(),
  /** Calls of the API that one caller may make in a minute, on each instance, in the long run. */
  API_RATE_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(600),
  /** Calls that one caller may make at once. */
  API_RATE_BURST: z.coerce.number().int().min(1).max(10_000_000).default(200),
  /** Whether policies that were changed or removed by hand are restored at once, or when somebody asks for it. */
  POLICY_REPAIR: z.enum(["onRequest", "automatic"]).default("onRequest"),
  /** Mailbox of the tenant from which admin contacts are written to, an address or object id. Without it: no mail. */
  MAIL_SENDER: z.string().min(1).optional(),
  /** Seals the secrets of outgoing webhooks at rest: 32 bytes, Base64. Without it no webhook can be made. */
  WEBHOOK_KEY: z
    .string()
    .refine((key) => Buffer.from(key, "base64").length === 32, "write 32 bytes as Base64 (openssl rand -base64 32)")
    .optional(),
  /** Addresses within the own network that outgoing webhooks may reach: none, this machine, or any. */
  WEBHOOK_PRIVATE_TARGETS: z.enum(["none", "loopback", "any"]).default("none"),
  /** Whose severities support requests have: A, B, C, or Critical and non-critical (autopatch.md §11). */
  SUPPORT_CONTRACT: z.enum(["premier", "unified"]).default("unified"),
  /** The bot that puts questions to people in Teams; without it they stay in the API. */
  BOT_APP_ID: z.string().min(1).optional(),
  BOT_APP_SECRET: z.string().min(1).optional(),
  /** Tenant of the bot's registration. Default: TENANT_ID. */
  BOT_TENANT_ID: z.string().min(1).optional(),
  /** Authority that issues the bot's tokens. Default: GRAPH_AUTHORITY. */
  BOT_AUTHORITY: z.url().optional(),
  /** Where the keys are announced that sign what Teams sends. US Government: graph.md §4.5. */
  BOT_METADATA_URL: z.url().default("https://login.botframework.com/v1/.well-known/openidconfiguration"),
  /** Where the bot reaches Teams until Teams has told it, e.g. https://smba.trafficmanager.net/emea/. */
  TEAMS_SERVICE_URL: z.url().optional(),
  /** Channel of the team in which questions are posted, `19:…@thread.tacv2`. */
  TEAMS_CHANNEL_ID: z.string().min(1).optional(),
  /** Object ids in Entra, with commas between, of people who are asked in a chat as well. */
  TEAMS_APPROVERS: z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((oid) => (oid.trim() === "" ? [] : [oid.trim().toLowerCase()])))
    .pipe(z.array(z.guid()).max(20)),
  /** Webhook of a Teams flow, for cards with links only. A secret. */
  TEAMS_WORKFLOW_URL: z.url().optional(),
  /** Address of the console, for links. */
  CONSOLE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Which expedites people have to approve: all, none, or those whose update closes no exploited vulnerability. */
  EXPEDITE_APPROVAL: z.enum(["always", "never", "automaticForExploited"]).default("always"),
  /** What the expedite webhook's callers sign with, and what they signed with before; absent: the webhook is closed. */
  EXPEDITE_WEBHOOK_SECRET: z.string().min(32, "use at least 32 characters").optional(),
  EXPEDITE_WEBHOOK_SECRET_PREVIOUS: z.string().min(32, "use at least 32 characters").optional(),
  /** Which lists of vulnerabilities are watched for updates to expedite. */
  EXPEDITE_WATCH: z.enum(["off", "msrc", "kev", "both"]).default("both"),
  /** What the MSRC has to call a vulnerability for its update to be urgent; in most months one is critical. */
  EXPEDITE_URGENT: z.enum(["exploitedOrCritical", "exploited"]).default("exploitedOrCritical"),
  /** Root of the MSRC's CVRF service, with trailing slash (graph.md §5.1). */
  MSRC_URL: z.url().default("https://api.msrc.microsoft.com/cvrf/v3.0/"),
  /** CISA's catalogue of known exploited vulnerabilities, JSON. */
  KEV_URL: z.url().default("https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"),
  /** Versions of Microsoft 365 Apps by channel, JSON. */
  OFFICE_RELEASES_URL: z.url().default("https://clients.config.office.net/releases/v1.0/OfficeReleases"),
  /** Versions of Edge by channel, JSON; this view lists more than the newest ones. */
  EDGE_RELEASES_URL: z.url().default("https://edgeupdates.microsoft.com/api/products?view=enterprise"),
  /** Days after which antivirus definitions are stale. */
  ANTIVIRUS_STALE_DAYS: z.coerce.number().int().min(1).max(90).default(7),
});

export type Config = z.infer<typeof settingsSchema>;

let cached: Config | undefined;

/** The validated settings. Throws `invalid_input` naming the setting that is wrong. */
export function config(): Config {
  cached ??= parseConfig(process.env);
  return cached;
}

/** Validates settings from any source. Throws `invalid_input` naming the first setting that is wrong. */
function parseConfig(source: Readonly<Record<string, string | undefined>>): Config {
  const parsed = settingsSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "settings";
  throw new AppError("invalid_input", `App setting ${field} is wrong: ${issue?.message}. Correct it and restart.`, {
    field,
  });
}
