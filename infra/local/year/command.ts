import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../args.js";
import type { Answering } from "./answers.js";
import { runYear } from "./run.js";
import { yearText } from "./text.js";

export interface YearCommand {
  /** `2024-01` */
  readonly from: string;
  readonly devices: number;
  readonly seed: number;
  readonly gate: "off" | "advise" | "enforce";
  readonly scenario: string;
  readonly answering: Answering;
  readonly json: boolean;
  readonly folder: string | undefined;
}

/** The feature update of a year: the newest version that came out before its tenth month, a week into that. */
const FEATURES = [
  { version: "Windows 11, version 23H2", released: "2023-10-31" },
  { version: "Windows 11, version 24H2", released: "2024-10-01" },
] as const;

/** Runs a year and prints it. Returns the exit code. */
export async function yearCommand({ from, json, folder, ...options }: YearCommand): Promise<number> {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(from))
    throw new UsageError(`--year must be a month such as 2024-01, not '${from}'`);
  const showsProgress = !json && process.stderr.isTTY;
  const report = await runYear({
    ...options,
    from,
    feature: featureOf(from),
    onProgress: showsProgress ? (line) => process.stderr.write(`\r\x1b[2K${line}`) : () => undefined,
  });
  if (showsProgress) process.stderr.write("\r\x1b[2K");
  console.log(json ? JSON.stringify(report) : yearText(report));
  if (folder === undefined) return 0;
  writeFileSync(join(folder, "year.json"), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, "year.txt"), `${yearText(report)}\n`);
  return 0;
}

function featureOf(from: string) {
  const begin = new Date(`${from}-01T00:00:00Z`);
  begin.setUTCMonth(begin.getUTCMonth() + 9);
  begin.setUTCDate(7);
  const firstDate = begin.toISOString().slice(0, 10);
  const found = FEATURES.findLast(({ released }) => released <= firstDate) ?? FEATURES[0];
  return { version: found.version, firstDate };
}
