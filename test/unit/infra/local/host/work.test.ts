import { describe, expect, test } from "vitest";
import { Work } from "../../../../../infra/local/host/invocation/work.js";

function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("work", () => {
  test("in virtual time exclusive jobs run one at a time in order of arrival, a failing one included", async () => {
    const work = new Work({ serial: true });
    const first = gate();
    const order: string[] = [];
    const jobs = [
      work.exclusive(async () => {
        await first.opened;
        order.push("first");
        throw new Error("fails");
      }),
      work.exclusive(async () => void order.push("second")),
      work.track(async () => void order.push("beside")),
    ];
    await jobs[2];
    expect(work.running).toBe(2);
    first.open();
    await expect(jobs[0]).rejects.toThrow("fails");
    await jobs[1];
    expect(order).toEqual(["beside", "first", "second"]);
  });

  test("in real time exclusive jobs overlap", async () => {
    const work = new Work({ serial: false });
    const first = gate();
    const slow = work.exclusive(() => first.opened);
    await work.exclusive(async () => {});
    expect(work.running).toBe(1);
    first.open();
    await slow;
  });

  test("a job counts as running from the call until it settles, and moves the activity", async () => {
    const work = new Work({ serial: true });
    const before = work.activity();
    const job = work.exclusive(async () => {});
    expect(work.running).toBe(1);
    await job;
    expect(work.running).toBe(0);
    expect(work.activity()).toBeGreaterThan(before);
  });

  test("draining ends with the last job, or gives up", async () => {
    const work = new Work({ serial: false });
    const job = gate();
    const running = work.track(() => job.opened);
    expect(await work.drained(1)).toBe(false);
    const drained = work.drained(60_000);
    job.open();
    await running;
    expect(await drained).toBe(true);
  });
});
