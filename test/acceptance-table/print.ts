import type { RowResult } from "./results.js";

/** The table for people: a line per row, what is wrong below a failing one, and the sums. */
export function table(rows: readonly RowResult[]): string {
  return [...rows.flatMap(lines), summary(rows)].join("\n");
}

function lines({ row, feature, status, tests, failures }: RowResult): string[] {
  const shown = status === "failing" ? "FAILING" : status;
  const count = tests === 0 ? "" : `${tests} ${tests === 1 ? "test" : "tests"}`;
  return [
    `${String(row).padStart(3)}  ${feature.padEnd(38)}  ${shown.padEnd(7)}  ${count}`.trimEnd(),
    ...failures.map((failure) => `       ${failure}`),
  ];
}

/** `12 of 106 rows passing, 1 failing, 93 missing`. */
export function summary(rows: readonly RowResult[]): string {
  const count = (wanted: RowResult["status"]) => rows.filter(({ status }) => status === wanted).length;
  return `${count("passing")} of ${rows.length} rows passing, ${count("failing")} failing, ${count("missing")} missing`;
}

/** The same for programs. */
export function toJson(rows: readonly RowResult[]): object {
  return { rows: rows.map(({ row, feature, status, tests }) => ({ row, feature, status, tests })) };
}
