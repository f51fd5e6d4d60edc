import { AppError } from "../errors.js";
import type { Graph } from "./graph.js";
import { reference } from "./members.js";
import { segment } from "./odata.js";
import { absentWhenMissing } from "./settle.js";

const v1 = { version: "v1.0" } as const;

export interface OwnedGroup {
  readonly id: string;
  readonly displayName: string | null;
  /** Object ids of those it has now, lower-cased. */
  readonly owners: readonly string[];
}

/**
 * Makes exactly these objects the owners of a group: those it lacks are added before others are removed, for a group
 * that has owners keeps one. Throws `conflict` when Entra does not let one go.
 * @param wanted object ids, lower-cased
 */
export async function setOwners(graph: Graph, group: OwnedGroup, wanted: readonly string[]): Promise<void> {
  const path = `/groups/${segment(group.id)}/owners`;
  for (const id of wanted.filter((each) => !group.owners.includes(each))) {
    await graph.post(`${path}/$ref`, { "@odata.id": reference(id) }, v1);
  }
  const kept: AppError[] = [];
  for (const id of group.owners.filter((each) => !wanted.includes(each))) {
    const refusal = await refusalOf(absentWhenMissing(graph.delete(`${path}/${segment(id)}/$ref`, v1)));
    if (refusal !== undefined) kept.push(refusal);
  }
  if (kept[0] !== undefined) throw stays(group, kept[0]);
}

/** Graph answers 400 when an owner may not go; every other failure is thrown. */
async function refusalOf(call: Promise<unknown>): Promise<AppError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_input") return error;
    throw error;
  }
}

function stays({ displayName }: OwnedGroup, cause: AppError): AppError {
  const message = `Microsoft Entra does not let the last person among the owners of the directory group "${displayName}" go. Delete the group in the Entra admin center: the service makes it again within the hour, with its devices, policies and owner.`;
  return new AppError("conflict", message, { cause });
}
