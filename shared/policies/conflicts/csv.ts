import type { Conflicts } from "./conflict.js";

/** The columns of the export, in their order (autopatch.md §10.3). */
const COLUMNS = [
  "Device name",
  "Deployment ring",
  "Conflicting policies count",
  "Last check-in",
  "Expected policy name",
  "Expected policy group",
  "Conflicting policy group",
  "Conflicting policy name",
] as const;

/** One line for every device and conflict, as RFC 4180 has it. */
export function conflictsCsv({ conflicts, devices }: Conflicts): string {
  const byId = new Map(conflicts.map((conflict) => [conflict.id, conflict]));
  const rows = devices.flatMap((device) => {
    const own = device.conflicts.flatMap((id) => byId.get(id) ?? []);
    const count = new Set(own.map(({ conflictingPolicy }) => conflictingPolicy)).size;
    return own.map(({ expectedPolicy, expectedGroup, conflictingGroup, conflictingPolicy }) => [
      device.name ?? device.deviceId,
      device.ring,
      String(count),
      device.lastCheckInAt,
      expectedPolicy,
      expectedGroup,
      conflictingGroup,
      conflictingPolicy,
    ]);
  });
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
