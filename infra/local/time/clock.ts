/** The clock that everything of the local stack takes as a dependency. Domain time, milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Runs `fire` once, at `due` or as soon as possible after it. Timers due together fire in order of creation. */
  at(due: number, fire: () => void): Timer;
}

export interface Timer {
  readonly due: number;
  cancel(): void;
}

/** Node's timers overflow beyond this; longer waits are chained. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Domain time is real time. */
export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  at(due: number, fire: () => void): Timer {
    let handle: NodeJS.Timeout | undefined;
    const arm = () => {
      const wait = due - this.now();
      handle = wait > LONGEST_TIMEOUT ? setTimeout(arm, LONGEST_TIMEOUT) : setTimeout(fire, Math.max(0, wait));
    };
    arm();
    return { due, cancel: () => clearTimeout(handle) };
  }
}
