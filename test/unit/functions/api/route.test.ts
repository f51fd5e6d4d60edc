import { expect, it } from "vitest";
import { z } from "zod";
import { validate } from "../../../../functions/api/route.js";
import { AppError } from "../../../../shared/errors.js";

const SCHEMA = z.strictObject({
  rings: z.array(z.string()),
  threshold: z.int().max(100),
  inner: z.strictObject({ a: z.string().optional() }).optional(),
});

function refusal(value: unknown): { field: unknown; message: string; code: string } {
  try {
    validate(SCHEMA, value);
  } catch (error) {
    if (error instanceof AppError) return { field: error.field, message: error.message, code: error.code };
  }
  throw new Error("It was accepted.");
}

it.each([
  [{ rings: [], threshold: 1, ringz: [] }, "ringz"],
  [{ rings: [], threshold: 1, inner: { b: 1 } }, "inner.b"],
  [{ rings: [], threshold: 101 }, "threshold"],
  [{ rings: [1], threshold: 1 }, "rings.0"],
  [{ rings: [] }, "threshold"],
])("of %j the field %s is named", (value, field) => {
  const { code, field: named, message } = refusal(value);
  expect([code, named]).toEqual(["invalid_input", field]);
  expect(message).toMatch(new RegExp(`^${field}: .+\\.$`));
});

it("a field that is not there is called missing", () => {
  expect(refusal({ rings: [] }).message).toBe("threshold: the field is missing.");
});

it.each([[[]], [null], ["text"]])("%j instead of an object is a wrong body", (value) => {
  expect(refusal(value).message).toMatch(/^The body: /);
});
