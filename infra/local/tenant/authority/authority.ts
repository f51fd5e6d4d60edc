import { timingSafeEqual } from "node:crypto";
import { wall } from "../../../../shared/wall.js";
import { ALL_ROLES } from "../graph/permissions.js";
import type { GraphResponse, Json } from "../graph/types.js";
import { guid, hexId, servicePrincipalOf } from "../state/ids.js";
import type { Person } from "../types.js";
import type { Claims, TokenSigner } from "./tokens.js";

export interface Credentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An application beside Graph's client, with no permissions of its own. */
interface Registration {
  readonly appId: string;
  readonly appSecret: string;
}

/** Seconds a token lives, as Entra answers it. */
const LIFETIME = 3599;
const GRAPH = "https://graph.microsoft.com";
/** The app's own API. */
const API = "api://ringmaster";

/** The token endpoint of one tenant with one app registration (graph.md §0.2). */
export class Authority {
  readonly credentials: Credentials;
  /** Whether an administrator has consented; without, there is no service principal in the tenant. */
  consented = true;
  #roles: readonly string[];
  #bot: Registration | undefined;
  #lifetime = LIFETIME;

  constructor(
    private readonly signer: TokenSigner,
    seed: number,
    roles: readonly string[],
  ) {
    this.credentials = {
      tenantId: guid(seed, "tenant"),
      clientId: guid(seed, "application"),
      clientSecret: `${hexId(seed, "secret").slice(0, 40)}`,
    };
    this.#roles = roles;
  }

  /** Application permissions with admin consent; tokens issued from now on carry them. */
  grant(roles: readonly string[]): void {
    this.#roles = roles;
  }

  /** Seconds of wall time that tokens issued from now on live. */
  set tokenLifetimeSeconds(seconds: number) {
    this.#lifetime = seconds;
  }

  /** Takes a bot as an application of the tenant: it gets tokens of its own, for the Bot Connector (graph.md §4.5). */
  registerBot(bot: Registration): void {
    this.#bot = bot;
  }

  /** The claims of a bearer token for Graph, else undefined. */
  authenticate(authorization: string | undefined, origin: string): Claims | undefined {
    return this.bearer(authorization, [GRAPH, origin]);
  }

  /** The claims of a bearer token for one of these audiences, else undefined. */
  bearer(authorization: string | undefined, audiences: readonly string[]): Claims | undefined {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    const claims = token === undefined ? undefined : this.signer.verify(token);
    return claims !== undefined && audiences.includes(claims.aud) ? claims : undefined;
  }

  /** An access token that a person got for the app's own API. */
  personToken(person: Person, origin: string): string {
    const { clientId, tenantId } = this.credentials;
    const { oid, name, roles, scopes = ["access_as_user"], audience = API, lifetimeSeconds = LIFETIME } = person;
    const claims = { aud: audience, iss: `${origin}/${tenantId}/v2.0`, azp: clientId, tid: tenantId, ver: "2.0" };
    return this.signer.issue({ ...claims, oid, sub: oid, name, roles, scp: scopes.join(" ") }, lifetimeSeconds);
  }

  /** A token for Graph that may do everything, as the tools of the tenant's administrators have. */
  adminToken(origin: string): string {
    const { tenantId } = this.credentials;
    const claims = { aud: GRAPH, iss: `${origin}/${tenantId}/v2.0`, tid: tenantId, idtyp: "app", ver: "1.0" };
    return this.signer.issue({ ...claims, appid: this.administrationId, roles: ALL_ROLES }, LIFETIME);
  }

  /** Application id of the administrators' tools. */
  get administrationId(): string {
    return guid(this.credentials.tenantId, "administrators");
  }

  /** Whether the bearer of these claims is still in the tenant. */
  knows({ appid }: Claims): boolean {
    return this.consented || appid !== this.credentials.clientId;
  }

  /** Answers a request of the authority, undefined when the path is none of its own. */
  answer(method: string, path: string, form: URLSearchParams, origin: string): GraphResponse | undefined {
    const [, tenant = "", rest = ""] = /^\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (/^(v2\.0\/)?\.well-known\/openid-configuration$/.test(rest)) return this.#metadata(tenant, origin);
    if (rest === "discovery/v2.0/keys") return { status: 200, body: this.signer.keySet() };
    if (rest === "oauth2/v2.0/token" && method === "POST") return this.#token(tenant, form, origin);
    return undefined;
  }

  /** The application of an id, if it is in the tenant. */
  #application(id: string): Application | undefined {
    const { clientId, clientSecret } = this.credentials;
    if (id === clientId) return this.consented ? { id, secret: clientSecret, roles: this.#roles } : undefined;
    return id === this.#bot?.appId ? { id, secret: this.#bot.appSecret, roles: [] } : undefined;
  }

  #metadata(tenant: string, origin: string): GraphResponse {
    if (tenant !== this.credentials.tenantId)
      return failure(400, "invalid_tenant", `AADSTS90002: Tenant '${tenant}' not found.`);
    const base = `${origin}/${tenant}`;
    return {
      status: 200,
      body: {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        end_session_endpoint: `${base}/oauth2/v2.0/logout`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        issuer: `${base}/v2.0`,
        token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
        response_types_supported: ["code", "id_token", "token"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        tenant_region_scope: "EU",
      },
    };
  }

  #token(tenant: string, form: URLSearchParams, origin: string): GraphResponse {
    const { tenantId } = this.credentials;
    const application = this.#application(form.get("client_id") ?? "");
    const scope = form.get("scope") ?? "";
    const audience = scope.split(" ").find((each) => each.endsWith("/.default"));
    if (tenant !== tenantId) return failure(400, "invalid_request", `AADSTS90002: Tenant '${tenant}' not found.`);
    if (form.get("grant_type") !== "client_credentials") {
      return failure(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.");
    }
    if (application === undefined) {
      return failure(400, "unauthorized_client", notInstalled(form.get("client_id") ?? ""));
    }
    if (!sameSecret(form.get("client_secret") ?? "", application.secret)) {
      return failure(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    if (audience === undefined) {
      return failure(400, "invalid_scope", `AADSTS1002012: The provided value for scope ${scope} is not valid.`);
    }
    const claims: Json = {
      aud: audience.slice(0, -"/.default".length),
      iss: `${origin}/${tenantId}/v2.0`,
      appid: application.id,
      azp: application.id,
      idtyp: "app",
      oid: servicePrincipalOf(application.id),
      roles: application.roles,
      tid: tenantId,
      ver: "1.0",
    };
    const lifetime = { expires_in: this.#lifetime, ext_expires_in: this.#lifetime };
    return {
      status: 200,
      body: { token_type: "Bearer", ...lifetime, access_token: this.signer.issue(claims, this.#lifetime) },
    };
  }
}

interface Application {
  readonly id: string;
  readonly secret: string;
  readonly roles: readonly string[];
}

function notInstalled(clientId: string): string {
  const reason = "it has not been installed by the administrator of the tenant or consented to by any user in it";
  return `AADSTS700016: Application with identifier '${clientId}' was not found in the directory: ${reason}.`;
}

function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(hexId(given)), Buffer.from(hexId(expected)));
}

function failure(status: number, error: string, description: string): GraphResponse {
  const trace = { trace_id: guid(wall.now(), "trace"), correlation_id: guid(wall.now(), "correlation") };
  return {
    status,
    body: { error, error_description: description, error_codes: [Number(/\d+/.exec(description)?.[0])], ...trace },
  };
}
