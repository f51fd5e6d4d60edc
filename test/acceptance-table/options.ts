import { flag, type Option, text, UsageError } from "../../infra/local/args.js";
import { ROWS } from "./features.js";

/** Options of `npm run acceptance`. */
export const options = {
  json: flag("prints one JSON object"),
  only: {
    about: "runs the files of these rows only and shows these: 46 or 1,14-16",
    value: "ROWS",
    parse: rowList,
  } as Option<readonly number[] | undefined>,
  from: text("reads a result of vitest's JSON reporter instead of running", "FILE"),
};

/** `1,14-16` as row numbers, ascending. Throws UsageError naming the part that is wrong. */
export function rowList(given: string): readonly number[] {
  const rows = given.split(",").flatMap((part) => {
    const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    const range = ROWS.filter((row) => row >= Number(from) && row <= Number(to));
    if (range.length > 0 && range.length === Number(to) - Number(from) + 1) return range;
    throw new UsageError(`must be rows from 1 to ${ROWS.length} such as 46 or 1,14-16, not '${part}'`);
  });
  return [...new Set(rows)].sort((a, b) => a - b);
}
