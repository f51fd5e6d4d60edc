import { afterEach, expect, it, vi } from "vitest";
import { commandKey } from "../../../../shared/releases/commands.js";
import { wall } from "../../../../shared/wall.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it("keys sort in the order in which commands came, also over a change of digits", () => {
  const keys = [999, 1_000, 1_732_000_000_000].map((at) => {
    vi.spyOn(wall, "now").mockReturnValue(at);
    return commandKey();
  });
  expect([...keys].sort()).toEqual(keys);
});

it("two commands that come together have different keys", () => {
  vi.spyOn(wall, "now").mockReturnValue(1);
  expect(commandKey()).not.toBe(commandKey());
});
