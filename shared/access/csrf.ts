import { createHmac, timingSafeEqual } from "node:crypto";
import { config } from "../config.js";
import { AppError } from "../errors.js";
import { wall } from "../wall.js";
import type { Caller } from "./caller.js";
import type { Actor } from "./roles.js";

const DAY_MS = 86_400_000;
/** Header in which a browser session proves that a page of this app makes the call. */
export const CSRF_HEADER = "x-csrf-token";

/**
 * The CSRF token of a person's browser session, good until the end of tomorrow (UTC, wall time); null where the app has
 * no secret to make one with.
 */
export function csrfToken({ id }: Pick<Actor, "id">, now = wall.now()): string | null {
  const { CSRF_SECRET: secret } = config();
  return secret === undefined ? null : tokenOf(secret, id, Math.floor(now / DAY_MS));
}

/**
 * Cookies travel with calls that other sites make. So a call that the platform's session authenticates changes something
 * only with a token that such a site cannot read. Throws `forbidden`.
 */
export function refuseWithoutCsrf({ actor, via }: Caller, headers: Pick<Headers, "get">): void {
  if (via !== "session") return;
  const { CSRF_SECRET: secret } = config();
  if (secret === undefined) {
    const message =
      "Browser sessions can only read here: the app setting CSRF_SECRET is missing. Set it, or send a bearer token.";
    throw new AppError("forbidden", message, { details: { rule: "csrfToken" } });
  }
  const given = headers.get(CSRF_HEADER) ?? "";
  const today = Math.floor(wall.now() / DAY_MS);
  if ([today, today - 1].some((day) => same(given, tokenOf(secret, actor.id, day)))) return;
  const message = `The call lacks a valid ${CSRF_HEADER}. GET /api/v1/session gives one; nothing was changed.`;
  throw new AppError("forbidden", message, { field: CSRF_HEADER, details: { rule: "csrfToken" } });
}

function tokenOf(secret: string, id: string, day: number): string {
  return createHmac("sha256", secret).update(`csrf ${day} ${id}`).digest("base64url");
}

function same(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
