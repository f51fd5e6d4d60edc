import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";

describe("VirtualClock", () => {
  it("stands still until it is advanced", () => {
    const clock = new VirtualClock(1000);
    let fired = false;
    clock.at(1000, () => {
      fired = true;
    });
    expect([clock.now(), fired]).toEqual([1000, false]);
    clock.advance(1000);
    expect(fired).toBe(true);
  });

  it("fires timers in order of due instant, then of creation, each seeing its own instant", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), (dues) => {
        const clock = new VirtualClock(0);
        const fired: { due: number; order: number; seen: number }[] = [];
        dues.forEach((due, order) => {
          clock.at(due, () => fired.push({ due, order, seen: clock.now() }));
        });
        clock.advance(20);
        const expected = dues.map((due, order) => ({ due, order, seen: due }));
        expected.sort((a, b) => a.due - b.due || a.order - b.order);
        expect(fired).toEqual(expected);
      }),
    );
  });

  it("never runs a cancelled timer nor counts it as due", () => {
    const clock = new VirtualClock(0);
    const timer = clock.at(5, () => expect.unreachable());
    clock.at(9, () => undefined);
    timer.cancel();
    expect(clock.nextDue()).toBe(9);
    clock.advance(7);
    expect(clock.now()).toBe(7);
  });

  it("fires a timer that a timer set for the same instant", () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    clock.at(3, () => {
      seen.push("first");
      clock.at(3, () => seen.push("second"));
    });
    clock.advance(3);
    expect(seen).toEqual(["first", "second"]);
  });
});
