import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Operation } from "../../../../functions/api/route.js";
import { Contract } from "../../../support/contract.js";
import { registered } from "../../../support/operations.js";

let contract: Contract;
beforeAll(async () => {
  await registered();
  const { operations } = await import("../../../../functions/api/route.js");
  const made = await import("../../../../functions/api/openapi/document.js");
  contract = new Contract(made.document(operations(), { audience: "api://ringmaster" }));
});

const CONTACT = { name: "Ada", email: "ada@example.com", phone: "+1 555", language: "en", areas: ["Devices"] };
const contact = { id: "1", ...CONTACT, releaseMail: true };
const problem = { type: "urn:x", title: "x", status: 404, detail: "x", instance: "/", code: "not_found" };

function problemOf(method: string, path: string, status: number, body: unknown, type = "application/json") {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const bodiless = [204, 304].includes(status) ? null : text;
  const answer = new Response(bodiless, { status, headers: text === "" ? {} : { "content-type": type } });
  return contract.problemOf({ method, path: `/api/v1/${path}` }, answer, text);
}

describe("an answer", () => {
  it.each([
    ["GET", "tenant/contacts/1", 200, contact],
    ["GET", "tenant/contacts", 200, { value: [contact] }],
    ["DELETE", "tenant/contacts/1", 204, undefined],
    ["GET", "tenant/contacts/1", 304, undefined],
    ["GET", "groups/default-distribution", 200, { devices: 0, value: [] }],
  ])("as openapi.json says passes: %s %s %i", (method, path, status, body) => {
    expect(problemOf(method, path, status, body)).toBeUndefined();
  });

  it.each([
    ["GET", "tenant/contacts/1", 404, problem],
    ["GET", "gizmos", 404, problem],
  ])("that refuses has to be problem details: %s %s", (method, path, status, body) => {
    expect(problemOf(method, path, status, body, "application/problem+json")).toBeUndefined();
    expect(problemOf(method, path, status, body)).toContain("content type");
    expect(problemOf(method, path, status, { ...body, code: "oops" }, "application/problem+json")).toContain("/code");
  });

  it.each([
    ["lacks a field", "tenant/contacts/1", 200, CONTACT, "'id'"],
    ["has one more", "tenant/contacts/1", 200, { ...contact, secret: 1 }, "secret"],
    ["has a field of another type", "tenant/contacts", 200, { value: [{ ...contact, id: 1 }] }, "/value/0/id"],
    ["has a status that is not described", "tenant/contacts/1", 201, contact, "201"],
    ["has a body where there is none", "tenant/contacts/1", 304, "text", "body"],
  ])("that %s does not", (_what, path, status, body, said) => {
    expect(problemOf("GET", path, status, body)).toContain(said);
  });
});

it("an operation whose answer has a secret says so, so that it is kept sealed", async () => {
  const { operations } = await import("../../../../functions/api/route.js");
  const tellsSecret = ({ answer: { schema } }: Operation) =>
    schema instanceof z.ZodObject && Object.hasOwn(schema.shape, "secret");
  const names = (those: (operation: Operation) => boolean) =>
    operations()
      .filter(those)
      .map(({ name }) => name);
  expect(names(({ answer }) => answer.secret === true)).toEqual(names(tellsSecret));
  expect(names(tellsSecret)).toContain("webhooksRotateSecret");
});
