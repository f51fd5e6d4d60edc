import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TokenSigner } from "../authority/tokens.js";
import type { GraphResponse } from "../graph/types.js";
import { guid, hexId } from "../state/ids.js";

/** The registration of the app's bot. */
export interface BotCredentials {
  readonly appId: string;
  readonly appSecret: string;
}

/** Who issues the tokens with which Teams calls a bot (graph.md §4.5). */
export const BOT_ISSUER = "https://api.botframework.com";
/** Where the keys of those tokens are found, below the tenant's host. */
export const METADATA_PATH = "/botframework/.well-known/openidconfiguration";
const KEYS_PATH = "/botframework/.well-known/keys";
/** Seconds a token of Teams lives. */
const LIFETIME = 3600;

export function botCredentials(seed: number): BotCredentials {
  return { appId: guid(seed, "bot"), appSecret: hexId(seed, "bot secret").slice(0, 40) };
}

/** The Bot Framework's side of trust: it signs what Teams sends to the bot, and publishes the keys. */
export class BotAuthority {
  readonly #signer: TokenSigner;

  /** @param keyFile keeps the key between two starts; made when it is not there */
  constructor(
    keyFile: string,
    private readonly appId: string,
  ) {
    this.#signer = new TokenSigner(keyIn(keyFile));
  }

  /** A token for the bot's messaging endpoint, for activities that name this service URL. */
  issue(serviceUrl: string): string {
    return this.#signer.issue({ iss: BOT_ISSUER, aud: this.appId, serviceurl: serviceUrl }, LIFETIME);
  }

  /** Answers for the metadata and the keys; undefined for other paths. */
  answer(path: string, origin: string): GraphResponse | undefined {
    if (path === METADATA_PATH) return { status: 200, body: metadata(origin) };
    if (path !== KEYS_PATH) return undefined;
    const keys = this.#signer.keySet().keys.map((key) => ({ ...key, endorsements: ["msteams"] }));
    return { status: 200, body: { keys } };
  }
}

function metadata(origin: string): object {
  return {
    issuer: BOT_ISSUER,
    authorization_endpoint: "https://invalid.botframework.com",
    jwks_uri: `${origin}${KEYS_PATH}`,
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
  };
}

function keyIn(file: string): string {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  }
  return readFileSync(file, "utf8");
}
