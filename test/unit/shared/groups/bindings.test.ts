import { expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { checkBindings } from "../../../../shared/groups/bindings.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";

const guid = (n: number) => `6f000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const definition = defaultGroup("Contoso");
const bindings = Object.fromEntries(definition.rings.map(({ name }, n) => [name, { entraGroupId: guid(n) }]));
const { Last: _last, ...withoutLast } = bindings;

function refusal(given: typeof bindings, all: Parameters<typeof checkBindings>[1] = []) {
  try {
    checkBindings({ id: "contoso", definition, bindings: given }, all);
    return undefined;
  } catch (error) {
    return error instanceof AppError ? [error.code, error.field] : error;
  }
}

it("an Entra group for every ring is accepted, also when the group itself is stored already", () => {
  expect(refusal(bindings, [{ id: "contoso", bindings }])).toBeUndefined();
});

it.each([
  ["a ring without one", withoutLast, "bindings.Last"],
  ["a ring that the group does not have", { ...bindings, Ring9: { entraGroupId: guid(9) } }, "bindings.Ring9"],
  ["what is no object id", { ...bindings, Last: { entraGroupId: "Workforce - Last" } }, "bindings.Last"],
  ["one Entra group for two rings", { ...bindings, Last: { entraGroupId: guid(0) } }, "bindings.Last"],
])("%s is refused", (_, given, field) => {
  expect(refusal(given)).toEqual(["invalid_input", field]);
});

it("an Entra group of another Autopatch group is a conflict", () => {
  const other = { id: "fabrikam", bindings: { Test: { entraGroupId: guid(2).toUpperCase() } } };
  expect(refusal(bindings, [other])).toEqual(["conflict", "bindings.Ring2"]);
});
