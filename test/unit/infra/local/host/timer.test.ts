import { beforeEach, describe, expect, test } from "vitest";
import type { AppFunction } from "../../../../../infra/local/host/app/functions.js";
import { Work } from "../../../../../infra/local/host/invocation/work.js";
import { memoryState } from "../../../../../infra/local/host/state.js";
import { TimerTrigger } from "../../../../../infra/local/host/triggers/timer.js";
import { UTC } from "../../../../../infra/local/host/triggers/zone.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const at = (iso: string) => Date.parse(`2026-01-01T${iso}Z`);

let status: ReturnType<typeof memoryState>["timers"];
beforeEach(() => {
  status = memoryState().timers;
});

/** A timer as one life of the host has it; what ran in this life. */
async function life(
  now: string,
  options: { schedule?: string; useMonitor?: boolean; takes?: string; fails?: boolean } = {},
) {
  const clock = new VirtualClock(at(now));
  const runs: { at: string; pastDue: boolean; last?: string }[] = [];
  const trigger = { type: "timerTrigger", name: "t", direction: "in", schedule: "0 0 * * * *", ...options };
  const metadata = { name: "tick", bindings: {} };
  const fn: AppFunction = {
    name: "tick",
    file: "f",
    metadata,
    callback: () => {},
    trigger,
    kind: "timerTrigger",
    bindings: [],
  };
  const timer = new TimerTrigger(fn, {
    clock,
    zone: UTC,
    status,
    work: new Work({ serial: true }),
    onError: () => {},
    invoke: async ({ data }) => {
      const info = JSON.parse(data.json ?? "") as { IsPastDue: boolean; ScheduleStatus?: { Last: string } };
      const last = info.ScheduleStatus?.Last.slice(0, 19);
      runs.push({
        at: new Date(clock.now()).toISOString().slice(11, 16),
        pastDue: info.IsPastDue,
        ...(last === undefined ? {} : { last }),
      });
      if (options.takes !== undefined) clock.advance(at(options.takes));
      return options.fails
        ? { ok: false, context: undefined, error: new Error("no") }
        : { ok: true, context: undefined };
    },
  });
  await timer.start();
  await turn();
  return {
    runs,
    timer,
    advance: async (to: string) => {
      clock.advance(at(to));
      await turn();
    },
  };
}

describe("a timer trigger", () => {
  test("writes its next occurrence when it is first seen, and does not run", async () => {
    const { runs } = await life("00:30:00");
    expect(runs).toEqual([]);
    expect(await status.read("tick")).toEqual({ next: at("01:00:00"), updated: at("00:30:00") });
  });

  test("remembers its last run and tells it to the next one", async () => {
    const { runs, advance } = await life("00:30:00");
    await advance("01:00:00");
    await advance("02:00:00");
    expect(runs.map(({ last }) => last)).toEqual(["0001-01-01T00:00:00", "2026-01-01T01:00:00"]);
    expect(await status.read("tick")).toEqual({ last: at("02:00:00"), next: at("03:00:00"), updated: at("02:00:00") });
  });

  test("many missed occurrences are one run that is past due", async () => {
    (await life("00:30:00")).timer.stop();
    const { runs, advance } = await life("05:10:00");
    await advance("06:00:00");
    expect(runs.map(({ at, pastDue }) => [at, pastDue])).toEqual([
      ["05:10", true],
      ["06:00", false],
    ]);
  });

  test("an occurrence at the very instant of the restart is not lost", async () => {
    (await life("00:30:00")).timer.stop();
    expect((await life("01:00:00")).runs).toHaveLength(1);
  });

  test("a run that was done before the restart is not repeated", async () => {
    const first = await life("00:30:00");
    await first.advance("01:00:00");
    first.timer.stop();
    expect((await life("01:00:00")).runs).toEqual([]);
  });

  test("a changed schedule is judged by the last run", async () => {
    const first = await life("00:30:00");
    await first.advance("01:00:00");
    first.timer.stop();
    expect((await life("01:20:00", { schedule: "0 */15 * * * *" })).runs.map(({ pastDue }) => pastDue)).toEqual([true]);
  });

  test("without a monitor nothing is remembered", async () => {
    (await life("00:30:00", { useMonitor: false })).timer.stop();
    expect(await status.read("tick")).toBeUndefined();
    expect((await life("05:10:00", { useMonitor: false })).runs).toEqual([]);
  });

  test("a schedule below a minute is not monitored", async () => {
    await life("00:30:00", { schedule: "*/30 * * * * *" });
    expect(await status.read("tick")).toBeUndefined();
  });

  test("a long run swallows the occurrences within it", async () => {
    const { runs, advance } = await life("00:30:00", { takes: "02:30:00" });
    await advance("01:00:00");
    await advance("03:00:00");
    expect(runs.map(({ at }) => at)).toEqual(["01:00", "03:00"]);
  });

  test("a failed run counts as run and the schedule goes on", async () => {
    const { runs, advance } = await life("00:30:00", { fails: true });
    await advance("01:00:00");
    await advance("02:00:00");
    expect(runs).toHaveLength(2);
  });
});
