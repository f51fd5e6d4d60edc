import type { World } from "../../infra/local/world/world.js";
import { uniform } from "../../shared/random.js";
import { wall } from "../../shared/wall.js";
import type { Disturbance } from "./observed-run.js";

export interface KillPlan {
  readonly seed: number;
  readonly kills: number;
  /** Real milliseconds of running over which the kills are spread. */
  readonly overMs: number;
}

/**
 * Kills the host with SIGKILL and starts it again, at seeded random moments of real time while the run goes on: between
 * two writes, in the middle of a batch, during its own start of work. Time while the host is down does not count.
 */
export class Killer implements Disturbance {
  /** Kills so far. */
  count = 0;
  readonly #plan: KillPlan;
  readonly #world: World;
  readonly #done: Promise<void>;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(world: World, plan: KillPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#done = this.#run();
    // A failure is told by stop(); until then the run itself learns of it from the world.
    this.#done.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    let at = 0;
    for (const moment of moments(this.#plan)) {
      await this.#sleep(moment - at);
      if (this.#stopped) return;
      at = moment;
      this.count++;
      await this.#world.host.kill();
      await this.#world.host.restart();
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = wall.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** The moments of a plan in order, real milliseconds. */
export function moments({ seed, kills, overMs }: KillPlan): number[] {
  return Array.from({ length: kills }, (_, kill) => overMs * uniform(seed, "kill", kill)).toSorted((a, b) => a - b);
}
