import type { ManagedFacts } from "./device.js";

/** What firmware says where nobody filled the value in; emulators leave it so. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "",
  "0",
  "none",
  "default string",
  "not applicable",
  "not specified",
  "system manufacturer",
  "system product name",
  "system serial number",
  "to be filled by o.e.m.",
  "unknown",
]);

/** Makers of emulated hardware; Hyper-V is none, for Cloud PCs and Azure Virtual Desktop are supported (§3.6). */
const EMULATORS = /\b(?:qemu|bochs|virtualbox|innotek|xen|parallels|android|emulator)\b/i;

/** The identity data that a device lacks (autopatch.md §3.2 no. 7), in the words of its administrator. */
export function missingIdentity({ serialNumber, model, manufacturer }: ManagedFacts): string[] {
  const missing: string[] = [];
  if (isPlaceholder(serialNumber)) missing.push("serial number");
  if (isPlaceholder(model)) missing.push("model");
  if (isPlaceholder(manufacturer)) missing.push("manufacturer");
  return missing;
}

/** Whether the device is emulated hardware. */
export function isEmulator({ model, manufacturer }: ManagedFacts): boolean {
  return EMULATORS.test(`${manufacturer ?? ""} ${model ?? ""}`);
}

/** A serial number in the form in which two of them are compared; undefined for a missing one. */
export function serialOf({ serialNumber }: { readonly serialNumber: string | null }): string | undefined {
  return isPlaceholder(serialNumber) ? undefined : serialNumber?.trim().toLowerCase();
}

/** How many of the tenant's devices have each serial number. */
export function countSerials(devices: Iterable<{ readonly serialNumber: string | null }>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const device of devices) {
    const serial = serialOf(device);
    if (serial !== undefined) counts.set(serial, (counts.get(serial) ?? 0) + 1);
  }
  return counts;
}

function isPlaceholder(value: string | null): boolean {
  return PLACEHOLDERS.has((value ?? "").trim().toLowerCase());
}
