import { wall } from "../wall.js";

/**
 * Seconds that a Retry-After header asks to wait: a number of seconds, or an HTTP date, which counts from now in wall
 * time. Never negative; undefined when the header is absent or unreadable.
 */
export function retryAfterSeconds(header: string | null | undefined): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text));
  const at = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - wall.now()) / 1000));
}
