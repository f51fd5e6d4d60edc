/** A change as the API answers it. */
export interface PlannedChange {
  readonly action: "create" | "update" | "rename" | "delete" | "unchanged";
  readonly id: string;
  readonly name: string;
  readonly differences: readonly { readonly field: string; readonly before?: unknown; readonly after?: unknown }[];
}

const MARKS = { create: "+", update: "~", rename: "~", delete: "-" } as const;

/** The changes as lines for people, and a last line that counts them. */
export function describeChanges(changes: readonly PlannedChange[], act: "plan" | "apply"): string[] {
  const lines = changes.flatMap(({ action, id, name, differences }) => {
    if (action === "unchanged") return [];
    const fields = differences.map(({ field, before, after }) => `    ${field}: ${shown(before)} → ${shown(after)}`);
    return [`${MARKS[action]} ${action} ${name} (${id})`, ...fields];
  });
  const count = changes.filter(({ action }) => action !== "unchanged").length;
  const sum = `${count} of ${changes.length} groups ${act === "plan" ? "to be changed" : "changed"}.`;
  return [...lines, count === 0 ? "The tenant is as the file says." : sum];
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
