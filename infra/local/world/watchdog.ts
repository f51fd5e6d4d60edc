import { wall } from "../../../shared/wall.js";

/** Real time without any change after which a run will not go on by itself. */
const PATIENCE_MS = 300_000;
const LOOK_EVERY_MS = 5_000;

export interface Watched {
  /** Domain time, milliseconds. */
  now(): number;
  /** What every part says of itself, for the person who has to find out why time stands still. */
  describe(): string;
}

/** Calls `onStall` when domain time has stood still for five minutes of real time. Returns a function that stops it. */
export function watch(watched: Watched, onStall: (reason: Error) => void, patienceMs = PATIENCE_MS): () => void {
  let [seen, since] = [watched.now(), wall.monotonic()];
  let cancel: () => void = () => undefined;
  const look = () => {
    const now = watched.now();
    if (now !== seen) [seen, since] = [now, wall.monotonic()];
    if (wall.monotonic() - since >= patienceMs) {
      const at = new Date(seen).toISOString();
      onStall(new Error(`Time has stood still at ${at} for ${Math.round(patienceMs / 1000)} s: ${watched.describe()}`));
      return;
    }
    cancel = wall.after(Math.min(LOOK_EVERY_MS, patienceMs), look);
  };
  look();
  return () => cancel();
}
