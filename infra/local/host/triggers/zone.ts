/** Wall time of a zone: milliseconds as if the wall clock showed UTC. */
export interface Zone {
  toWall(instant: number): number;
  /**
   * The instant at which the zone's clocks show `wall`. A time that daylight saving skips moves on by the gap; of a
   * time that comes twice it is the first.
   */
  toInstant(wall: number): number;
}

export const UTC: Zone = { toWall: (instant) => instant, toInstant: (wall) => wall };

const DAY_MS = 86_400_000;

/** The zone with an IANA name. Throws when there is none of that name. */
export function zone(name: string): Zone {
  if (/^(etc\/)?utc$/i.test(name)) return UTC;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const offset = (instant: number): number => {
    const whole = Math.floor(instant / 1_000) * 1_000;
    const part = Object.fromEntries(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    const shown = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
    return shown - whole;
  };
  return {
    toWall: (instant) => instant + offset(instant),
    toInstant: (wall) => {
      const before = offset(wall - DAY_MS);
      const after = offset(wall + DAY_MS);
      const candidates = [wall - before, wall - after].filter((instant) => instant + offset(instant) === wall);
      return candidates.length > 0 ? Math.min(...candidates) : wall - before;
    },
  };
}
