import { z } from "zod";
import { AppError, type ErrorCode } from "../errors.js";
import { retryAfterSeconds } from "./retry-after.js";

/** The call that an error is about, as the administrator reads it. */
export interface CallName {
  readonly method: string;
  readonly path: string;
}

interface Rule {
  readonly code: ErrorCode;
  readonly happened: string;
  readonly advice: string;
}

/** Statuses with a meaning of their own (graph.md §6.1). Graph's texts and codes vary and are never branched on. */
const rules: Readonly<Record<number, Rule>> = {
  401: {
    code: "unauthenticated",
    happened: "did not accept the app's token, a fresh one included,",
    advice: "Check TENANT_ID, GRAPH_CLIENT_ID and that the application is enabled in the tenant.",
  },
  403: {
    code: "forbidden",
    happened: "refused permission",
    advice: "Grant the application the permission that this call needs, with admin consent, and check the licences.",
  },
  404: {
    code: "not_found",
    happened: "does not know the object",
    advice: "It was deleted, or has not replicated yet when it was made less than a minute ago.",
  },
  405: {
    code: "unsupported",
    happened: "does not offer the operation",
    advice: "This tenant or cloud lacks the API; run preflight to see which offering model it supports.",
  },
  408: { code: "unavailable", happened: "timed out", advice: "The call is repeated by itself." },
  409: {
    code: "conflict",
    happened: "found a conflict with the present state",
    advice: "Somebody else changed the object or it is in use; look at it and try again.",
  },
  410: { code: "gone", happened: "no longer has what was asked for", advice: "Start the read anew." },
  412: {
    code: "conflict",
    happened: "found the object changed meanwhile",
    advice: "Read it again and repeat the change.",
  },
  424: {
    code: "unavailable",
    happened: "skipped a step because one it depends on failed",
    advice: "The call is repeated by itself.",
  },
  429: { code: "throttled", happened: "is throttling the app", advice: "The call is repeated after the wait it asks." },
};

const serverFault: Rule = {
  code: "unavailable",
  happened: "is unavailable",
  advice: "The call is repeated by itself; if it goes on, look at the service health of the tenant.",
};
const badRequest: Rule = {
  code: "invalid_input",
  happened: "rejected the request",
  advice: "Correct the value that it names; the same call would fail again.",
};

/** The AppError for an answer of Graph outside 2xx, from its status, headers and body (graph.md §6.1, §3.4). */
export function failureOf(
  call: CallName,
  status: number,
  header: (name: string) => string | null | undefined,
  body: unknown,
): AppError {
  const rule = rules[status] ?? (status >= 500 ? serverFault : badRequest);
  const said = envelope(body);
  const requestId = header("request-id") ?? said.requestId;
  const repeatable = rule.code === "throttled" || rule.code === "unavailable";
  const wait = repeatable ? retryAfterSeconds(header("retry-after"), header("date")) : undefined;
  const facts = [String(status), said.code, requestId === undefined ? undefined : `request ${requestId}`];
  const message = [
    `Microsoft Graph ${rule.happened} for ${callText(call)} (${facts.filter((fact) => fact !== undefined).join(", ")})`,
    said.message === undefined ? "." : `: "${said.message}"`,
    ` ${rule.advice}`,
  ];
  return new AppError(rule.code, message.join(""), {
    ...(wait === undefined ? {} : { retryAfterSeconds: wait }),
    details: {
      method: call.method,
      path: plainPath(call.path),
      status,
      ...(said.code === undefined ? {} : { graphCode: said.code }),
      ...(requestId === undefined ? {} : { requestId }),
    },
  });
}

/** The call as text: method and path without its query, which may hold long paging tokens. */
export function callText(call: CallName): string {
  return `${call.method} ${plainPath(call.path)}`;
}

function plainPath(path: string): string {
  return path.replace(/^https:\/\/[^/]+/, "").replace(/\?.*$/s, "");
}

const inner = z.object({ "request-id": z.string().optional() }).optional().catch(undefined);
const errorBody = z.object({
  error: z.object({
    code: z.string().optional().catch(undefined),
    message: z.string().optional().catch(undefined),
    innerError: inner,
    innererror: inner,
  }),
});

interface Said {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly requestId?: string | undefined;
}

function envelope(body: unknown): Said {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return {};
  const { code, message, innerError, innererror } = parsed.data.error;
  const requestId = innerError?.["request-id"] ?? innererror?.["request-id"];
  return { code, message: readable(message), requestId };
}

/** Intune packs a JSON text with the true message into `message` (graph.md §6.1). */
function readable(message: string | undefined): string | undefined {
  const trimmed = message?.trim();
  if (trimmed === undefined || trimmed === "") return undefined;
  const packed = /"Message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(trimmed)?.[1];
  if (packed === undefined) return trimmed;
  try {
    return String(JSON.parse(packed));
  } catch {
    return trimmed;
  }
}
