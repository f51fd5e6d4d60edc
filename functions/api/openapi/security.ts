import type { Json } from "./json.js";

/** Key and token, or key and the session of the platform; a session's changes carry a CSRF token as well. */
export function securityOf(method: string): readonly Json[] {
  const session = { functionKey: [], session: [] };
  const changing = method === "GET" ? session : { ...session, csrfToken: [] };
  return [{ functionKey: [], bearer: [] }, changing, { functionKey: [] }];
}

/** How callers prove who they are. @param audience of their tokens */
export function securitySchemes(audience: string): Json {
  return {
    functionKey: {
      type: "apiKey",
      in: "header",
      name: "x-functions-key",
      description: "Key of the function app. Alone it may do what the app setting API_KEY_ROLE says.",
    },
    bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: `Token of Entra for ${audience}.` },
    session: {
      type: "apiKey",
      in: "cookie",
      name: "AppServiceAuthSession",
      description: "Session of App Service, while its own authentication is on.",
    },
    csrfToken: {
      type: "apiKey",
      in: "header",
      name: "x-csrf-token",
      description: "Proves that a page of this app makes the call; GET /api/v1/session gives it.",
    },
  };
}
