import { app, type HttpMethod } from "@azure/functions";
import { AppError } from "../../shared/errors.js";
import { answered } from "./answered.js";
import { operations } from "./route.js";

/** Behind every other name. */
const UNKNOWN = "zUnknownPath";
const METHODS: readonly HttpMethod[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/**
 * What no operation answers below /api/v1. It must never come before an operation, and hosts take the first route that
 * fits: the real one in the alphabetical order of the functions' names (Azure/azure-functions-host#9876), the local one
 * in the order of registration. So its name is the last one, and it is registered last.
 */
app.http(UNKNOWN, {
  methods: [...METHODS],
  route: "api/v1/{*unknownPath}",
  authLevel: "function",
  handler: (request, context) =>
    answered({ name: UNKNOWN, method: request.method }, request, context, async () => {
      const { pathname } = new URL(request.url);
      const allowed = methodsOf(pathname.replace(/^\/api\/v1\/?/i, ""));
      if (allowed.length === 0) {
        const message = `There is no ${pathname}. GET /api/v1/openapi.json lists what there is.`;
        throw new AppError("not_found", message);
      }
      const message = `${pathname} does not take ${request.method}. It takes ${allowed.join(", ")}.`;
      throw new AppError("method_not_allowed", message, { details: { allow: allowed } });
    }),
});

/** Methods that the operations of a path take. */
export function methodsOf(path: string): string[] {
  const segments = path.split("/").map(decoded);
  const found = operations().filter((operation) => matches(operation.path.split("/"), segments));
  return [...new Set(found.map(({ method }) => method))];
}

function matches(template: readonly string[], segments: readonly string[]): boolean {
  if (template.length !== segments.length) return false;
  return template.every((part, place) => {
    const given = segments[place] ?? "";
    return part.startsWith("{") ? given !== "" : part.toLowerCase() === given.toLowerCase();
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
