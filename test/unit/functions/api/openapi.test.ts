import { readdirSync, readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { beforeAll, expect, it } from "vitest";
import { type Registered, registered } from "../../../support/operations.js";

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
  readonly parameters: readonly { readonly name: string }[];
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
  const config = await createConfig("extends: [recommended]");
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

it("has every route below /api/v1 with every method, and nothing else", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
  );
  const routes = [...app.http]
    .filter(([name, { route = "" }]) => route.startsWith("api/v1/") && name !== "zUnknownPath")
    .flatMap(([name, { route, methods = [] }]) => methods.map((method) => `${name}: ${method} /${route}`));
  expect(described.sort()).toEqual(routes.sort());
  expect(routes.length).toBeGreaterThan(70);
});

it("every operation is exported under its name from a module of operations.ts, so that the client has its types", () => {
  const folder = "functions/api";
  const listed = readFileSync(`${folder}/operations.ts`, "utf8");
  const exported = readdirSync(folder)
    .filter((file) => listed.includes(`"./${file.replace(/\.ts$/, ".js")}"`))
    .flatMap((file) => [...readFileSync(`${folder}/${file}`, "utf8").matchAll(/^export const (\w+) = /gm)])
    .map(([, name]) => name);
  const names = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((each) => each.operationId),
  );
  // The client reads openapi.json before it knows any operation.
  expect(names.filter((name) => name !== "openapiGet" && !exported.includes(name))).toEqual([]);
});

/** They have something done with a resource that stays as it is. */
const CHANGING_NOTHING = ["messagesSendAgain", "webhooksTest", "webhookDeliveriesReplay"];

it("every change of a single resource takes the ETag that reading it gives", () => {
  const single = Object.entries(document.paths).filter(([path, { get }]) => path.endsWith("}") && get !== undefined);
  const changes = single.flatMap(([path, { get }]) => {
    const within = Object.entries(document.paths).filter(([other]) => other === path || other.startsWith(`${path}/`));
    const operations = within.flatMap(([, methods]) => Object.entries(methods));
    const changing = operations.filter(([method, { operationId }]) => {
      return method !== "get" && !CHANGING_NOTHING.includes(operationId);
    });
    return changing.map(([, { operationId, parameters }]) => ({
      operationId,
      read: "ETag" in (get?.responses[200]?.headers ?? {}),
      compared: parameters.some(({ name }) => name === "If-Match"),
    }));
  });
  expect(changes.filter(({ read, compared }) => !(read && compared))).toEqual([]);
  expect(changes.length).toBeGreaterThan(30);
});

/** Whether every path of the second template is one of the first too. */
function covers(wide: string, narrow: string): boolean {
  const [a, b] = [wide.split("/"), narrow.split("/")];
  const fits = (part: string, i: number) => part.startsWith("{") || part === b[i];
  if (a.at(-1)?.startsWith("{*") === true) return a.length <= b.length && a.slice(0, -1).every(fits);
  return a.length === b.length && a.every(fits);
}

it.each([
  ["the order of names, by which the real host goes", (names: string[]) => names.sort()],
  ["the order of registration, by which the local host goes", (names: string[]) => names],
])("no route is hidden behind a wider one in %s", (_what, inOrder) => {
  const names = inOrder([...app.http.keys()]);
  const hidden = names.flatMap((name, place) => {
    const { route = "", methods = [] } = app.http.get(name) ?? {};
    const before = names.slice(0, place).filter((other) => {
      const wide = app.http.get(other);
      return covers(wide?.route ?? "", route) && methods.some((method) => wide?.methods?.includes(method));
    });
    return before.map((other) => `${name} behind ${other}`);
  });
  expect(hidden).toEqual([]);
  expect(names.at(-1)).toBe("zUnknownPath");
});
