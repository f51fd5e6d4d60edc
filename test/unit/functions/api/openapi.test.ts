import { createConfig, lintFromString } from "@redocly/openapi-core";
import { beforeAll, expect, it } from "vitest";
import { type Registered, registered } from "../../../support/operations.js";

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let app: Registered;
let document: Document;
beforeAll(async () => {
  app = await registered();
  const { operations } = await import("../../../../functions/api/route.js");
  const made = await import("../../../../functions/api/openapi/document.js");
  document = made.document(operations(), { audience: "api://ringmaster" }) as unknown as Document;
});

it("breaks none of Redocly's recommended rules, not even a warning", async () => {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

it("has every route below /api/v1 with every method, and nothing else", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
  );
  const routes = [...app.http]
    .filter(([name, { route = "" }]) => route.startsWith("api/v1/") && name !== "apiUnknown")
    .flatMap(([name, { route, methods = [] }]) => methods.map((method) => `${name}: ${method} /${route}`));
  expect(described.sort()).toEqual(routes.sort());
  expect(routes.length).toBeGreaterThan(70);
});

it("the route for unknown paths is registered last, so that it shadows none", () => {
  expect([...app.http.keys()].at(-1)).toBe("apiUnknown");
});
