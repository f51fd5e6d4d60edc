import type { LogLevel } from "../app/model.js";
import { LOG_LEVELS } from "../app/model.js";
import { StartError } from "../start-error.js";

const RANK = new Map<string, number>([...LOG_LEVELS, "none"].map((name, rank) => [name, rank]));

export type Logger = (level: LogLevel, category: string, message: string) => void;

/**
 * A logger that keeps what `logging.logLevel` of host.json lets through: the longest category prefix decides, then
 * `default`, then Information. `verbose` lets everything through.
 */
export function createLogger(
  levels: Readonly<Record<string, string>>,
  write: (line: string) => void,
  verbose = false,
): Logger {
  const rules = Object.entries(levels).map(([category, level]) => ({ category, rank: rankOf(category, level) }));
  const fallback = rules.find((rule) => rule.category.toLowerCase() === "default")?.rank ?? rank("information");
  const threshold = (category: string): number =>
    rules
      .filter((rule) => covers(rule.category, category))
      .reduce((best, rule) => (rule.category.length > best.length ? { ...rule, length: rule.category.length } : best), {
        length: -1,
        rank: fallback,
      }).rank;
  return (level, category, message) => {
    if (verbose || rank(level) >= threshold(category)) write(`[${level}] ${category}: ${message}`);
  };
}

function covers(prefix: string, category: string): boolean {
  const [a, b] = [prefix.toLowerCase(), category.toLowerCase()];
  return b === a || b.startsWith(`${a}.`);
}

function rank(level: string): number {
  return RANK.get(level.toLowerCase()) ?? 2;
}

function rankOf(category: string, level: string): number {
  const value = RANK.get(level.toLowerCase());
  if (value !== undefined) return value;
  const names = "Trace, Debug, Information, Warning, Error, Critical, None";
  throw new StartError(`host.json: logging.logLevel.${category}`, `expected one of ${names}; received "${level}"`);
}
