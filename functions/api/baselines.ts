import { baselineSchema } from "../../shared/gate/baseline-schema.js";
import { deploymentsOf } from "../../shared/gate/baseline-store.js";
import { baselineView } from "../../shared/gate/baseline-view.js";
import { listGroups } from "../../shared/groups/store.js";
import { ReleaseKind } from "../../shared/updates/update.js";
import { paged, pageOf } from "./paging.js";
import { json, route } from "./route.js";
import { withinScope } from "./scope.js";

export const baselinesList = route({
  name: "baselinesList",
  method: "GET",
  path: "baselines",
  role: "Reader",
  act: "read what finished releases have taught the health gate",
  page: true,
  answer: {
    about: "What finished releases have taught, per kind of update and Autopatch group.",
    schema: pageOf(baselineSchema),
  },
  run: async (call) => {
    const groups = await withinScope(
      call.actor,
      (await listGroups()).map(({ id, definition }) => ({ groupId: id, name: definition.name })),
    );
    const value = [];
    for (const kind of Object.values(ReleaseKind)) {
      const deployments = await deploymentsOf(kind);
      if (deployments.length === 0) continue;
      for (const { groupId, name } of groups) value.push(baselineView(kind, { id: groupId, name }, deployments));
    }
    return json(paged(call, value, ({ kind, group }) => `${kind} ${group.id}`));
  },
});
