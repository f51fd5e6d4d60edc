import type { z } from "zod";

/** Path and problem of the first issue zod found: `extensions.http.routePrefix`, `expected string, received number`. */
export function issueText(error: z.ZodError): { path: string; problem: string } {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
  return {
    path: path === "" ? "(whole file)" : path,
    problem: (issue?.message ?? "invalid").replace(/^Invalid input: /, ""),
  };
}
