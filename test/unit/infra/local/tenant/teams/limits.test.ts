import { expect, it } from "vitest";
import { RateLimits } from "../../../../../../infra/local/tenant/teams/limits.js";

it("a conversation takes 7 sends in a second and 8 in two, however they are spread; others do not count", () => {
  let now = 0;
  const limits = new RateLimits(() => now);
  const sends = (count: number, conversation = "a") =>
    Array.from({ length: count }, () => limits.admitsSend(conversation)).filter((passed) => passed).length;
  expect(sends(9)).toBe(7);
  expect(sends(1, "b")).toBe(1);
  now = 1_001;
  expect(sends(9)).toBe(1);
  now = 2_002;
  expect(sends(9)).toBe(7);
});

it("a conversation takes 60 sends in half a minute", () => {
  let now = 0;
  const limits = new RateLimits(() => now);
  const passed = Array.from({ length: 29 }, () => {
    now += 1_000;
    return [1, 2, 3].filter(() => limits.admitsSend("a")).length;
  });
  expect(passed.reduce((sum, count) => sum + count)).toBe(60);
});
