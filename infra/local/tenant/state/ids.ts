import { createHash } from "node:crypto";

/** 64 hexadecimal digits that depend on the parts alone. */
export function hexId(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(parts.join("|")).digest("hex");
}

/** Object id that an application has in the directory: that of its service principal. */
export function servicePrincipalOf(appId: string): string {
  return guid(appId, "service principal");
}

/** A GUID that depends on the parts alone. */
export function guid(...parts: readonly (string | number)[]): string {
  const hex = hexId(...parts);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
