import { z } from "zod";
import { AppError, type ErrorCode } from "../errors.js";
import { retryAfterSeconds } from "../graph/retry-after.js";

interface Rule {
  readonly code: ErrorCode;
  readonly text: string;
}

const NOT_INSTALLED: Rule = {
  code: "forbidden",
  text: "The bot's Teams app is not installed there. Install it in the team, or for the person, and the next reminder tries again.",
};

/** Answers of the connector that mean something of their own; 412, 429, 502 and 504 are worth another try (graph.md §4.5). */
const RULES: Readonly<Record<number, Rule>> = {
  401: { code: "unauthenticated", text: "Teams does not accept the bot's token. Check BOT_APP_ID and BOT_TENANT_ID." },
  403: { code: "forbidden", text: "Teams does not let the bot do that. Check the policies for apps in the tenant." },
  404: { code: "not_found", text: "The conversation or the message is not there any more." },
  412: { code: "unavailable", text: "Teams asks to try again." },
  413: { code: "invalid_input", text: "The message is too large for Teams." },
  429: { code: "throttled", text: "Teams is throttling the bot." },
};
const REFUSED: Rule = { code: "invalid_input", text: "Teams rejects the request; the same would fail again." };
const AWAY: Rule = { code: "unavailable", text: "Teams is unavailable. The call is repeated by itself." };

const errorSchema = z.object({ error: z.object({ code: z.string() }) });

/** The AppError for an answer of the connector outside 2xx, from its status, headers and body. */
export function failureOf(what: string, status: number, headers: Headers, body: unknown): AppError {
  const said = errorSchema.safeParse(body).data?.error.code;
  const known = said === "BotNotInConversationRoster" ? NOT_INSTALLED : RULES[status];
  const { code, text } = known ?? (status >= 500 ? AWAY : REFUSED);
  const wait =
    status === 429 || status >= 500 ? retryAfterSeconds(headers.get("retry-after"), headers.get("date")) : undefined;
  const facts = said === undefined ? `${status}` : `${status}, ${said}`;
  return new AppError(code, `${what} failed (${facts}). ${text}`, {
    ...(wait === undefined ? {} : { retryAfterSeconds: wait }),
    details: { status, ...(said === undefined ? {} : { teamsCode: said }) },
  });
}

/** The AppError for a call that got no answer: it may have been carried out. */
export function noAnswer(what: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${what} got no answer (${reason}). It is repeated by itself; check TEAMS_SERVICE_URL and the network if it goes on.`;
  return new AppError("unavailable", message, { cause });
}
