import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watch } from "../../../../../infra/local/world/watchdog.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("a run whose time stands still is given up with what its parts say", async () => {
  const onStall = vi.fn();
  watch({ now: () => Date.UTC(2024, 5, 22), describe: () => "219 messages wait" }, onStall, 60_000);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(onStall).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onStall).toHaveBeenCalledExactlyOnceWith(
    new Error("Time has stood still at 2024-06-22T00:00:00.000Z for 60 s: 219 messages wait"),
  );
});

it("a run whose time moves now and then goes on, and is not watched after its end", async () => {
  let now = 0;
  const onStall = vi.fn();
  const stop = watch({ now: () => now, describe: () => "" }, onStall, 60_000);
  for (let minute = 0; minute < 10; minute++) {
    await vi.advanceTimersByTimeAsync(50_000);
    now++;
  }
  stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(onStall).not.toHaveBeenCalled();
});
