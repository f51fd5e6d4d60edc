import { parseArgs } from "node:util";

/** One command-line option of a local command. */
export interface Option<T> {
  readonly about: string;
  /** Placeholder in the help text; absent for a flag. */
  readonly value?: string;
  readonly parse: (text: string) => T;
  readonly default?: T;
}

export type Options = Readonly<Record<string, Option<unknown>>>;
export type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

/** A wrong argument: one line for the terminal, no stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const flag = (about: string): Option<boolean> => ({ about, parse: (text) => text === "true", default: false });

export const text = (about: string, value: string, fallback?: string): Option<string | undefined> => ({
  about,
  value,
  parse: (given) => given,
  ...(fallback === undefined ? {} : { default: fallback }),
});

/** A whole number within limits. */
export function integer(about: string, limits: { min: number; max: number; default: number }): Option<number> {
  return {
    about: `${about} (${limits.min} to ${limits.max}, default ${limits.default})`,
    value: "N",
    default: limits.default,
    parse: (given) => {
      const number = Number(given);
      if (/^-?\d+$/.test(given) && number >= limits.min && number <= limits.max) return number;
      throw new UsageError(`must be a whole number from ${limits.min} to ${limits.max}, not '${given}'`);
    },
  };
}

export function oneOf<T extends string>(about: string, choices: readonly T[], fallback: T): Option<T> {
  return {
    about: `${about} (${choices.join(", ")}; default ${fallback})`,
    value: "NAME",
    default: fallback,
    parse: (given) => {
      const choice = choices.find((candidate) => candidate === given);
      if (choice !== undefined) return choice;
      throw new UsageError(`must be one of ${choices.join(", ")}, not '${given}'`);
    },
  };
}

/** Reads `--name value` and `--flag` arguments. Throws UsageError naming the argument that is wrong. */
export function parse<O extends Options>(argv: readonly string[], options: O): Values<O> {
  const names = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      { type: option.value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  let given: Record<string, string | boolean | undefined>;
  try {
    given = parseArgs({ args: [...argv], options: names, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
  const entries = Object.entries(options).map(([name, option]) => {
    const value = given[name];
    if (value === undefined) return [name, option.default];
    try {
      return [name, option.parse(String(value))];
    } catch (error) {
      throw new UsageError(`--${name} ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return Object.fromEntries(entries) as Values<O>;
}

/** The help text of a command. */
export function usage(command: string, options: Options): string {
  const rows = Object.entries(options).map(
    ([name, option]) =>
      `  ${`--${name}${option.value === undefined ? "" : ` ${option.value}`}`.padEnd(22)} ${option.about}`,
  );
  return [`Usage: ${command} [options]`, ...rows].join("\n");
}

/** Names of the options that stand in the arguments, whatever their values. */
function namesGiven(argv: readonly string[]): ReadonlySet<string> {
  return new Set(argv.flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []));
}

/** Runs a command: help on --help and -h, one line on standard error and exit code 2 on a wrong argument. */
export async function command<O extends Options>(
  name: string,
  options: O,
  run: (values: Values<O>, given: ReadonlySet<string>) => Promise<number>,
): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(usage(name, options));
    return;
  }
  try {
    process.exitCode = await run(parse(argv, options), namesGiven(argv));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(
      error instanceof UsageError ? `${name}: ${message} (--help lists the options)` : `${name}: ${message}`,
    );
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
