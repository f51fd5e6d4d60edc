import { describe, expect, it } from "vitest";
import { connectClock, type LinkedClock } from "../../../../../infra/local/time/link.js";
import { LinkServer } from "../../../../../infra/local/time/link-server.js";
import { type Participant, Timeline } from "../../../../../infra/local/time/timeline.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { wall } from "../../../../../shared/wall.js";

/** A part whose work takes real time, so that a timeline that does not wait would overtake it. */
class SlowPart implements Participant {
  readonly clock: VirtualClock;
  running = 0;
  done = 0;

  constructor(start: number) {
    this.clock = new VirtualClock(start);
  }

  work(due: number, ms: number, then: () => void = () => undefined): void {
    this.clock.at(due, () => {
      this.running++;
      void wall.sleep(ms).then(() => {
        this.running--;
        this.done++;
        then();
      });
    });
  }

  activity(): number {
    return this.done + this.running;
  }

  async quiet(): Promise<number | undefined> {
    while (this.running > 0) await wall.sleep(1);
    return this.clock.nextDue();
  }

  advance(to: number): void {
    if (this.running > 0) throw new Error("time passed while something ran");
    this.clock.advance(to);
  }
}

function untilNothingDue(): (now: number, next: number | undefined) => Promise<boolean> {
  return async (_now, next) => next === undefined;
}

describe("Timeline", () => {
  it("jumps from due instant to due instant and never while anything runs", async () => {
    const part = new SlowPart(0);
    const seen: number[] = [];
    part.work(10, 20, () => part.work(15, 5, () => seen.push(part.clock.now())));
    part.work(30, 1, () => seen.push(part.clock.now()));
    await new Timeline({ start: 0, participants: [part], beforeJump: untilNothingDue() }).run();
    expect(seen).toEqual([15, 30]);
  });

  it("takes another speed in the middle of a wait", async () => {
    const part = new SlowPart(0);
    part.work(1_000_000_000, 1);
    const timeline = new Timeline({ start: 0, participants: [part], speed: 1, beforeJump: untilNothingDue() });
    const run = timeline.run();
    await wall.sleep(30);
    expect(timeline.now()).toBe(0);
    timeline.speed = 1_000_000_000;
    await run;
    expect(part.done).toBe(1);
  });

  it("moves a linked process to the same instants and keeps still while it is away", async () => {
    const world = new SlowPart(100);
    world.work(300, 1);
    const link = await LinkServer.listen(() => world.clock.now());
    const seen: string[] = [];
    const follow = async (name: string, ...dues: number[]): Promise<LinkedClock> => {
      const clock = await connectClock(link.address);
      for (const due of dues) clock.at(due, () => seen.push(`${name} at ${clock.now()}`));
      clock.serve({ idle: () => true, activity: () => 0, stats: () => ({ name }) });
      return clock;
    };
    let first: LinkedClock | undefined = await follow("first", 200, 250);
    const timeline = new Timeline({
      start: 100,
      participants: [world, link],
      beforeJump: async (now, next) => {
        if (now === 200 && first !== undefined) {
          first.close();
          first = undefined;
          setTimeout(() => void follow("second", 250), 60);
        }
        return next === undefined;
      },
    });
    await timeline.run();
    await link.close();
    expect(seen).toContain("second at 250");
    expect(timeline.now()).toBe(300);
    expect(link.stats).toEqual({ name: "second" });
  });
});
