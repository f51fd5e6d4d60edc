import { z } from "zod";
import { instant } from "../schema.js";

const PARTS = 4;

/** A version of four numbers, as Office, Edge and Teams have them: `16.0.17531.20140`. */
export const versionText = z.string().regex(/^\d{1,6}(\.\d{1,6}){3}$/, "write four numbers, e.g. 16.0.17531.20140");

/** A version of an app as its publisher's list has it. */
export const appVersionSchema = z.object({
  /** Update channel, by our words: `monthlyEnterprise`, `stable`, `beta`, `extended`. */
  channel: z.string(),
  /** What people call it: `2404` for Office, `124` for Edge. */
  name: z.string(),
  version: versionText,
  publishedAt: instant,
});
export type AppVersion = z.infer<typeof appVersionSchema>;

/** An instant of a publisher's list, ms; lists write UTC with and without saying so. NaN for what is none. */
export function listInstant(text: string): number {
  const isZoneless = /T\d\d:\d\d/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/i.test(text);
  return Date.parse(isZoneless ? `${text}Z` : text);
}

/** Below 0 where `a` is the older version, 0 for the same, above 0 where it is the newer one. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (let part = 0; part < PARTS; part++) {
    const difference = Number(left[part] ?? 0) - Number(right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether an installed version is the wanted one or a newer one; what is not installed is neither. */
export function isAtLeast(installed: string | undefined, wanted: string): boolean {
  return installed !== undefined && compareVersions(installed, wanted) >= 0;
}

/** The versions of a channel that are published at an instant, the newest first. @param now ms */
export function publishedVersions(list: readonly AppVersion[], channel: string, now: number): AppVersion[] {
  return list
    .filter((each) => each.channel === channel && Date.parse(each.publishedAt) <= now)
    .sort((a, b) => compareVersions(b.version, a.version));
}
