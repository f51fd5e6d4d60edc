import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { renderReport } from "../../../shared/what-if/report/report.js";
import { UsageError } from "../args.js";
import { readWhatIf } from "./file.js";
import { answerText, runWhatIf } from "./run.js";

export interface WhatIfCommand {
  readonly file: string;
  /** Instead of the file's. */
  readonly seed?: number;
  readonly json: boolean;
  /** Folder that receives result.json and report.html. */
  readonly out: string | undefined;
}

/** `simulate --what-if FILE`. @returns the exit code: 2 when the file is wrong, with a line for every error */
export function whatIfCommand({ file, seed, json, out }: WhatIfCommand): number {
  const read = readWhatIf(file, contentOf(file), seed);
  if ("errors" in read) {
    console.error(read.errors.join("\n"));
    return 2;
  }
  const answer = runWhatIf(read.input, progressLine());
  console.log(json ? JSON.stringify(answer) : answerText(answer));
  if (out === undefined) return 0;
  writeFileSync(join(out, "result.json"), `${JSON.stringify(answer, null, 2)}\n`);
  writeFileSync(join(out, "report.html"), renderReport(answer, { title: basename(file) }));
  process.stderr.write(`${join(out, "report.html")} and result.json are written\n`);
  return 0;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--what-if '${file}' cannot be read (${error instanceof Error ? error.message : error})`);
  }
}

/** A line that a terminal overwrites; elsewhere a line for every tenth. */
function progressLine(): (done: number, all: number) => void {
  const terminal = process.stderr.isTTY === true;
  let told = 0;
  return (done, all) => {
    const percent = Math.floor((100 * done) / all);
    if (percent === told || (!terminal && percent < told + 10)) return;
    told = percent;
    const line = `${done} of ${all} months simulated (${percent} %)`;
    process.stderr.write(terminal ? `\r\x1b[2K${line}${done === all ? "\r\x1b[2K" : ""}` : `${line}\n`);
  };
}
