import { z } from "zod";
import { type Admitted, admit } from "./admission.js";
import { checkBindings } from "./bindings.js";
import { type ChangeOptions, checkEdit, isAdopted, present } from "./changes.js";
import { GroupStatus, ringBindingSchema, type StoredGroup } from "./store.js";
import { validateGroup } from "./validate.js";

/** Entra groups that a caller gives the rings himself. */
export const bindingsSchema = z.record(
  z.string(),
  ringBindingSchema.transform(({ entraGroupId }) => ({ entraGroupId })),
);
type Bindings = z.infer<typeof bindingsSchema>;

/**
 * A group whose rings are Entra groups of the administrator, taken over as they are: no devices are distributed and none
 * of its directory groups is made. Undefined when the definition says how devices reach its rings.
 */
export async function admitAdopted(
  id: string,
  input: { readonly definition: unknown; readonly bindings?: Bindings | undefined },
  options: ChangeOptions,
): Promise<Admitted | undefined> {
  const { bindings } = input;
  if (bindings === undefined) return undefined;
  const definition = validateGroup(input.definition, { distributed: false });
  if (!isAdopted({ definition, bindings })) return undefined;
  const [admitted] = await admit(options.graph, async (groups) => {
    const all = groups.map(({ body }) => body);
    const isNew = !all.some((group) => group.id === id);
    const before = isNew && options.ifMatch === undefined ? undefined : present(groups, id, options.ifMatch);
    const after: StoredGroup = { id, definition, status: GroupStatus.active, bindings: known(bindings, before?.body) };
    checkBindings(after, all);
    if (before !== undefined) await checkEdit(before.body, after);
    return [{ after, before }];
  });
  return admitted;
}

/** Rings that keep their Entra group keep the update ring that the service made for it. */
function known(bindings: Bindings, before: StoredGroup | undefined): StoredGroup["bindings"] {
  return Object.fromEntries(
    Object.entries(bindings).map(([ring, binding]) => {
      const kept = before?.bindings[ring];
      return [ring, kept?.entraGroupId === binding.entraGroupId ? kept : binding];
    }),
  );
}
