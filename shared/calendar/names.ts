import { dateParts } from "./days.js";

/** Kinds of quality updates: monthly security, third-week and fourth-week preview, out of band (autopatch.md §5.1). */
export const UpdateKind = { B: "B", C: "C", D: "D", OOB: "OOB" } as const;
export type UpdateKind = (typeof UpdateKind)[keyof typeof UpdateKind];

const two = (value: number): string => String(value).padStart(2, "0");

const CONTENT: Readonly<Record<UpdateKind, string>> = {
  B: "SecurityUpdate",
  C: "NonSecurityUpdate",
  D: "NonSecurityUpdate",
  OOB: "Update",
};

/** `2024.06 B`: month of the release and kind (autopatch.md §13.1). `date` is ISO, taken as written. */
export function shortName(date: string, kind: UpdateKind): string {
  const { year, month } = dateParts(date);
  return `${year}.${two(month)} ${kind}`;
}

/** `11/10/2026 - 2026.11 B SecurityUpdate for Windows 10 and later`, as the catalogue names an entry (§5.12). */
export function displayName(date: string, kind: UpdateKind): string {
  const { year, month, day } = dateParts(date);
  return `${two(month)}/${two(day)}/${year} - ${shortName(date, kind)} ${CONTENT[kind]} for Windows 10 and later`;
}

/** `2026-11 Cumulative Update for Windows 10 and later`. */
export function catalogName(date: string): string {
  const { year, month } = dateParts(date);
  return `${year}-${two(month)} Cumulative Update for Windows 10 and later`;
}

/** Year, month and kind of a short name, or undefined when it is not one. */
export function parseShortName(
  name: string,
): { readonly year: number; readonly month: number; readonly kind: UpdateKind } | undefined {
  const match = /^(\d{4})\.(0[1-9]|1[0-2]) (B|C|D|OOB)$/.exec(name);
  if (match === null) return undefined;
  return { year: Number(match[1]), month: Number(match[2]), kind: match[3] as UpdateKind };
}
