import {
  type AccessToken,
  AuthenticationError,
  ClientSecretCredential,
  DefaultAzureCredential,
  type TokenCredential,
} from "@azure/identity";
import type { Config } from "../config.js";
import { AppError } from "../errors.js";
import { wall } from "../wall.js";

/** A token is fetched anew so long before it expires. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Tokens for Graph. `renew` forgets the one in use, so that the next comes fresh from the authority. */
export interface TokenSource {
  token(): Promise<string>;
  renew(): void;
}

/** A token source over any credential of @azure/identity; `create` gives one with an empty cache. */
export function tokenSource(create: () => TokenCredential, scope: string): TokenSource {
  let credential: TokenCredential | undefined;
  // The credential has a cache too, but looks into it at the price of a fifth of a call to Graph.
  let held: AccessToken | undefined;
  return {
    async token() {
      if (held !== undefined && held.expiresOnTimestamp - wall.now() > RENEW_BEFORE_MS) return held.token;
      credential ??= create();
      try {
        const token = await credential.getToken(scope);
        if (token !== null) {
          held = token;
          return token.token;
        }
      } catch (error) {
        throw tokenFailure(error);
      }
      throw tokenFailure(new Error("the credential gave no token"));
    },
    renew() {
      credential = undefined;
      held = undefined;
    },
  };
}

/** The app's credential: its client secret, or else the managed identity (or the developer's own sign-in). */
export function credentialFor(settings: Config): () => TokenCredential {
  const { TENANT_ID: tenant, GRAPH_CLIENT_ID: client, GRAPH_CLIENT_SECRET: secret } = settings;
  if (secret === undefined) {
    return () => new DefaultAzureCredential(client === undefined ? {} : { managedIdentityClientId: client });
  }
  if (tenant === undefined || client === undefined) {
    const field = tenant === undefined ? "TENANT_ID" : "GRAPH_CLIENT_ID";
    const message = `App setting ${field} is missing although GRAPH_CLIENT_SECRET is set. Set it, or remove the secret to use the managed identity.`;
    throw new AppError("invalid_input", message, { field });
  }
  const authorityHost = settings.GRAPH_AUTHORITY;
  // Instance discovery asks Microsoft whether an authority is theirs; a local one never is.
  const disableInstanceDiscovery = !isMicrosoftLogin(new URL(authorityHost).hostname);
  return () => new ClientSecretCredential(tenant, client, secret, { authorityHost, disableInstanceDiscovery });
}

/** Hosts of graph.md §6.4. */
function isMicrosoftLogin(host: string): boolean {
  return /^login\.(microsoftonline\.(com|us)|chinacloudapi\.cn|partner\.microsoftonline\.cn)$/.test(host);
}

function tokenFailure(error: unknown): AppError {
  const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  const status = error instanceof AuthenticationError ? error.statusCode : undefined;
  const refused = status !== undefined ? status < 500 && status !== 429 : !isNetworkFault(error);
  if (!refused) {
    const message = `No token for Microsoft Graph: the authority did not answer (${reason}). The call is repeated by itself; check GRAPH_AUTHORITY and the network if it goes on.`;
    return new AppError("unavailable", message, { cause: error, details: { unsent: true } });
  }
  const message = `No token for Microsoft Graph: ${reason} Check TENANT_ID, GRAPH_CLIENT_ID, GRAPH_CLIENT_SECRET and GRAPH_AUTHORITY, and renew an expired secret.`;
  return new AppError("unauthenticated", message, { cause: error });
}

function isNetworkFault(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${String((error as { code?: unknown }).code ?? "")}` : "";
  return /ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|socket hang up|network_error/i.test(text);
}
