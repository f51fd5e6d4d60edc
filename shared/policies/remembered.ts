/** What storage holds, kept in memory while nobody changes it here. */
export interface Remembered<T> {
  /** As it was read last, unless that is too long ago. */
  get(now: number): Promise<T>;
  /** To be called after every write. */
  forget(): void;
}

/**
 * @param lifeMs how long a change by another instance may go unseen, ms of domain time
 */
export function remembered<T>(read: () => Promise<T>, lifeMs: number): Remembered<T> {
  let known: { readonly at: number; readonly value: Promise<T> } | undefined;
  return {
    get(now) {
      if (known !== undefined && Math.abs(now - known.at) < lifeMs) return known.value;
      const reading = { at: now, value: read() };
      known = reading;
      reading.value.catch(() => {
        if (known === reading) known = undefined;
      });
      return reading.value;
    },
    forget() {
      known = undefined;
    },
  };
}
