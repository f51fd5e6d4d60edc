/** Version of the terms that an administrator accepts when the tenant enrols (autopatch.md §4.1). */
export const TERMS_VERSION = "2026-11";

/** What the version in force says, in the words shown before they are accepted. */
export const TERMS: readonly string[] = [
  "Ringmaster creates and changes update policies and directory groups in this tenant, and acts on its own schedule.",
  "Ringmaster reads the inventory of the tenant's Windows devices and keeps it while they are registered.",
  "An administrator can unenrol the tenant at any time; the service's data go, policies and groups stay.",
];
