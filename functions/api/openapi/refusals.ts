import type { Json } from "./json.js";

/** Why a call may be refused, by status. */
const WHY: Readonly<Record<number, string>> = {
  400: "Something in it is wrong; `field` names what.",
  401: "The caller proves nobody.",
  403: "The caller's role does not allow it, or the CSRF token is missing.",
  404: "There is no such thing, or not within the caller's scope tags.",
  409: "It does not fit how things stand.",
  412: "It is not as the caller saw it (If-Match).",
  413: "The body is too large.",
  415: "The body is no JSON.",
  422: "A rule does not allow it; `rule` and `limit` say which.",
  429: "The caller calls too often; Retry-After says when to go on.",
  500: "A defect of the app; its log has the cause.",
  501: "Not supported.",
  503: "Something that the app needs is not available now; try again.",
};

/** Name of the component that describes a refusal. */
export function refusalName(status: number): string {
  return `Refusal${status}`;
}

/** Every refusal as a component. @param problem schema of problem details */
export function refusalComponents(problem: Json): Json {
  const content = { "application/problem+json": { schema: problem } };
  const headers = {
    "Retry-After": { description: "Seconds after which the call makes sense again.", schema: { type: "integer" } },
  };
  return Object.fromEntries(
    Object.entries(WHY).map(([status, description]) => [
      refusalName(Number(status)),
      { description, ...(["409", "429", "503"].includes(status) ? { headers } : {}), content },
    ]),
  );
}
