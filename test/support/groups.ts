import type { AutopatchGroup } from "../../shared/groups/group.js";
import type { DeploymentRing } from "../../shared/groups/ring.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { type Answer, call, type Problem } from "./api.js";
import type { World } from "./world.js";

export const GROUP = "/groups/workforce";

export interface Edit {
  /** Changed values by ring. */
  readonly rings?: Readonly<Record<string, Partial<DeploymentRing>>>;
  readonly common?: Partial<AutopatchGroup["common"]>;
  readonly gate?: Partial<AutopatchGroup["gate"]>;
  /** Anything else of the group. */
  readonly definition?: Partial<AutopatchGroup>;
}

/** The stored group with some values replaced, as an administrator sends it again. */
async function edited(world: World, edit: Edit): Promise<{ definition: AutopatchGroup }> {
  const { definition } = await world.api.get<StoredGroup>(GROUP);
  return {
    definition: {
      ...definition,
      ...edit.definition,
      rings: definition.rings.map((ring) => ({ ...ring, ...edit.rings?.[ring.name] })),
      common: { ...definition.common, ...edit.common },
      gate: { ...definition.gate, ...edit.gate },
    },
  };
}

/** Sends the edited group, and lets an accepted change reach the tenant. */
export async function edit(world: World, change: Edit): Promise<Answer<Problem>> {
  const answer = await call(world, "PUT", GROUP, await edited(world, change));
  await world.settle();
  return answer;
}

/** The same; throws when it is refused. */
export async function editAccepted(world: World, change: Edit): Promise<void> {
  const { status, body } = await edit(world, change);
  if (status !== 200) throw new Error(`The edit was refused with ${status}: ${body.detail}`);
}
