/**
 * B and D releases of 2026 and 2027 with the hour UTC of publication, the offer dates of Ring1, Ring2, Ring3 and Last
 * with the default rings, and the days to the next B release (autopatch.md §13.2).
 */
export interface MonthRow {
  readonly month: string;
  readonly b: string;
  readonly d: string;
  readonly offers: readonly string[];
  readonly gap: number;
}

const TABLE = `
2026-01 13 18 27 18 14 18 22 23 28
2026-02 10 18 24 18 11 15 19 20 28
2026-03 10 17 24 17 11 15 19 20 35
2026-04 14 17 28 17 15 19 23 24 28
2026-05 12 17 26 17 13 17 21 22 28
2026-06 09 17 23 17 10 14 18 19 35
2026-07 14 17 28 17 15 19 23 24 28
2026-08 11 17 25 17 12 16 20 21 28
2026-09 08 17 22 17 09 13 17 18 35
2026-10 13 17 27 17 14 18 22 23 28
2026-11 10 18 24 18 11 15 19 20 28
2026-12 08 18 22 18 09 13 17 18 35
2027-01 12 18 26 18 13 17 21 22 28
2027-02 09 18 23 18 10 14 18 19 28
2027-03 09 18 23 17 10 14 18 19 35
2027-04 13 17 27 17 14 18 22 23 28
2027-05 11 17 25 17 12 16 20 21 28
2027-06 08 17 22 17 09 13 17 18 35
2027-07 13 17 27 17 14 18 22 23 28
2027-08 10 17 24 17 11 15 19 20 35
2027-09 14 17 28 17 15 19 23 24 28
2027-10 12 17 26 17 13 17 21 22 28
2027-11 09 18 23 18 10 14 18 19 35
2027-12 14 18 28 18 15 19 23 24 28`;

export const SCHEDULE: readonly MonthRow[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [month = "", b, bHour, d, dHour, ...rest] = line.split(" ");
    const gap = Number(rest.pop());
    return {
      month,
      b: `${month}-${b}T${bHour}:00:00.000Z`,
      d: `${month}-${d}T${dHour}:00:00.000Z`,
      offers: rest.map((day) => `${month}-${day}`),
      gap,
    };
  });
