import { wall } from "../wall.js";

/**
 * Seconds that a Retry-After header asks to wait: a number of seconds, or an HTTP date, which counts from the answer's
 * own Date, so that clocks that differ do not matter; from now in wall time when the answer has none. Never negative;
 * undefined when the header is absent or unreadable.
 */
export function retryAfterSeconds(header: string | null | undefined, date?: string | null): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text));
  const at = text === "" ? Number.NaN : Date.parse(text);
  const answered = Date.parse(date ?? "");
  const from = Number.isNaN(answered) ? wall.now() : answered;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - from) / 1000));
}
