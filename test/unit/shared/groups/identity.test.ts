import { expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { idFromName, refuseReserved, takenIds } from "../../../../shared/groups/identity.js";
import { storedGroupSchema } from "../../../../shared/groups/store.js";

vi.mock("../../../../shared/releases/store.js", () => ({ listReleases: async () => [] }));

it.each([
  ["Sales", "sales"],
  ["  Büro & Lager (Nord) ", "buro-lager-nord"],
  ["販売", "group"],
  ["x".repeat(64), "x".repeat(40)],
  [`${"x".repeat(39)} y`, "x".repeat(39)],
])("%s has the id %s", (name, id) => {
  expect(idFromName(name, new Set())).toBe(id);
  expect(storedGroupSchema.shape.id.safeParse(id).success).toBe(true);
});

it.each(["Default distribution", "Plan", "Apply"])(
  "%s does not get an id that is an address of the API",
  async (name) => {
    const plain = idFromName(name, new Set());
    expect(idFromName(name, await takenIds([]))).toBe(`${plain}-2`);
    expect(() => refuseReserved(plain)).toThrow(AppError);
  },
);

it("an id that is taken gets a number, within 40 characters", () => {
  expect(idFromName("Sales", new Set(["sales", "sales-2"]))).toBe("sales-3");
  const long = "x".repeat(40);
  expect(idFromName(long, new Set([long]))).toBe(`${"x".repeat(38)}-2`);
});
