import { UpdateKind } from "../../shared/calendar/names.js";
import { deploymentsOf } from "../../shared/gate/baseline-store.js";
import { baselineView } from "../../shared/gate/baseline-view.js";
import { listGroups } from "../../shared/groups/store.js";
import { json, route } from "./route.js";
import { withinScope } from "./scope.js";

route({
  name: "baselinesList",
  method: "GET",
  path: "baselines",
  role: "Reader",
  act: "read what finished releases have taught the health gate",
  run: async ({ actor }) => {
    const groups = await withinScope(
      actor,
      (await listGroups()).map(({ id, definition }) => ({ groupId: id, name: definition.name })),
    );
    const value = [];
    for (const kind of Object.values(UpdateKind)) {
      const deployments = await deploymentsOf(kind);
      if (deployments.length === 0) continue;
      for (const { groupId, name } of groups) value.push(baselineView(kind, { id: groupId, name }, deployments));
    }
    return json({ value });
  },
});
