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
  /** Audience of the tokens with which people call the API: the app registration's Application ID URI. */
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
