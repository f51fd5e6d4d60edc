import { z } from "zod";
import { confirmSchema } from "../../drivers/mode.js";
import { AppError } from "../../errors.js";
import type { Graph } from "../../graph/graph.js";
import { groupsWhere } from "../../graph/group-facts.js";
import type { AutopatchGroup } from "../group.js";
import { sameName } from "../rules/tenant.js";
import { refuseAll, type Violation } from "../rules/violation.js";
import { storedGroupSchema } from "../store.js";
import { validateGroup } from "../validate.js";

/** A file of group definitions, parsed from YAML or JSON: what the API takes, and optionally the id of each group. */
export const groupFileSchema = z.strictObject({
  groups: z.array(z.record(z.string(), z.unknown())),
  /** Also delete the groups that the file does not have. */
  prune: z.boolean().default(false),
  confirm: confirmSchema,
});
export type GroupFile = z.infer<typeof groupFileSchema>;

/** A group as the file wants it. */
export interface FileGroup {
  readonly id: string | undefined;
  readonly definition: AutopatchGroup;
  /** Where it stands in the file: `groups[2].`. */
  readonly prefix: string;
}

/**
 * The groups of a file. Directory groups may be written as ids or as display names, which the directory resolves. Throws
 * `rule_violated` with the first violation of every group.
 */
export async function readGroupFile(graph: Graph, file: GroupFile): Promise<FileGroup[]> {
  const names = file.groups.flatMap(namesIn);
  const resolved = await resolver(
    graph,
    names.map(({ value }) => value),
  );
  const problems: Violation[] = [];
  const groups = file.groups.flatMap((entry, index): FileGroup[] => {
    const prefix = `groups[${index}].`;
    try {
      const { id, ...definition } = withIds(entry, resolved);
      const parsed = storedGroupSchema.shape.id.optional().safeParse(id);
      if (!parsed.success) throw violation("id", "pattern", parsed.error.issues[0]?.message ?? "it is no id");
      return [{ id: parsed.data, definition: validateGroup(definition), prefix }];
    } catch (error) {
      problems.push(problemOf(error, prefix));
      return [];
    }
  });
  refuseAll([...problems, ...twins(groups)]);
  return groups;
}

function problemOf(error: unknown, prefix: string): Violation {
  if (!(error instanceof AppError) || error.retryable) throw error;
  const { rule, limit, ...more } = error.details ?? {};
  return {
    ...more,
    field: `${prefix}${error.field ?? ""}`,
    rule: typeof rule === "string" ? rule : error.code,
    ...(typeof limit === "number" || typeof limit === "string" ? { limit } : {}),
    message: reasonOf(error),
  };
}

/** A refusal says "field is refused: reason. What to do."; the reason goes into the refusal of the file. */
function reasonOf({ message }: AppError): string {
  return /^\S+ is refused: (.*)\. Correct it and send the group again\.$/s.exec(message)?.[1] ?? message;
}

function twins(groups: readonly FileGroup[]): Violation[] {
  return groups.flatMap(({ id, definition, prefix }, index) => {
    const earlier = groups.slice(0, index);
    const sameId = id !== undefined && earlier.some((other) => other.id === id);
    const named = earlier.some((other) => sameName(other.definition.name, definition.name));
    return [
      ...(sameId ? [{ field: `${prefix}id`, rule: "uniqueGroupId", message: `the file has ${id} twice` }] : []),
      ...(named
        ? [{ field: `${prefix}name`, rule: "uniqueGroupName", message: `the file has ${definition.name} twice` }]
        : []),
    ];
  });
}

const guid = z.guid();
type Entry = Readonly<Record<string, unknown>>;

/** Texts in the places of directory groups that are no ids. */
function namesIn(entry: Entry): { readonly field: string; readonly value: string }[] {
  const pool = Array.isArray(entry.dynamicGroupIds) ? entry.dynamicGroupIds : [];
  const rings = Array.isArray(entry.rings) ? entry.rings : [];
  const places = [
    ...pool.map((value: unknown, index) => ({ field: `dynamicGroupIds[${index}]`, value })),
    ...rings.map((ring: unknown, index) => ({
      field: `rings[${index}].distribution.assignedGroupId`,
      value: isEntry(ring) && isEntry(ring.distribution) ? ring.distribution.assignedGroupId : undefined,
    })),
  ];
  return places.flatMap(({ field, value }) =>
    typeof value === "string" && !guid.safeParse(value).success ? [{ field, value }] : [],
  );
}

type Resolver = (field: string, name: unknown) => unknown;

async function resolver(graph: Graph, names: readonly string[]): Promise<Resolver> {
  const found = await groupsWhere(graph, "displayName", names);
  return (field, name) => {
    if (typeof name !== "string" || guid.safeParse(name).success) return name;
    const ids = found.filter((group) => sameName(group.displayName ?? "", name)).map(({ id }) => id);
    const [id] = ids;
    if (id === undefined) throw violation(field, "directoryGroupExists", `the directory has no group called ${name}`);
    if (ids.length === 1) return id;
    const message = `the directory has ${ids.length} groups called ${name}; write the id of the one you mean: ${ids.join(", ")}`;
    throw violation(field, "directoryGroupAmbiguous", message);
  };
}

function withIds(entry: Entry, resolved: Resolver): Record<string, unknown> {
  const replaced: Record<string, unknown> = { ...entry };
  if (Array.isArray(entry.dynamicGroupIds))
    replaced.dynamicGroupIds = entry.dynamicGroupIds.map((name: unknown, index) =>
      resolved(`dynamicGroupIds[${index}]`, name),
    );
  if (Array.isArray(entry.rings))
    replaced.rings = entry.rings.map((ring: unknown, index) => {
      if (!isEntry(ring) || !isEntry(ring.distribution) || ring.distribution.assignedGroupId === undefined) return ring;
      const { distribution } = ring;
      const assignedGroupId = resolved(`rings[${index}].distribution.assignedGroupId`, distribution.assignedGroupId);
      return { ...ring, distribution: { ...distribution, assignedGroupId } };
    });
  return replaced;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function violation(field: string, rule: string, message: string): AppError {
  return new AppError("rule_violated", message, { field, details: { rule } });
}
