import { graphClient } from "../../shared/graph/client.js";
import { applyFile, planFile } from "../../shared/groups/file/apply.js";
import { groupFileSchema } from "../../shared/groups/file/read.js";
import { GroupStatus, readGroup } from "../../shared/groups/store.js";
import { changesSchema } from "../../shared/groups/view-schema.js";
import { startProvisioning, startRemoval } from "../../workflows/group-start.js";
import { bringToTenant, noteChange, refuseScoped } from "./group-calls.js";
import { json, route } from "./route.js";

export const groupsPlan = route({
  name: "groupsPlan",
  method: "POST",
  path: "groups/plan",
  role: "Administrator",
  act: "compare a file with the Autopatch groups",
  body: groupFileSchema,
  answer: { about: "What applying the file would change.", schema: changesSchema },
  run: async (call) => {
    refuseScoped(call.actor);
    return json({ changes: await planFile(graphClient(), call.body) });
  },
});

export const groupsApply = route({
  name: "groupsApply",
  method: "POST",
  path: "groups/apply",
  role: "Administrator",
  act: "make the Autopatch groups what a file says",
  body: groupFileSchema,
  answer: {
    status: 202,
    or: 200,
    about: "What is being changed; 200 where there is nothing to change.",
    schema: changesSchema,
  },
  run: async (call) => {
    refuseScoped(call.actor);
    const { changes, admitted } = await applyFile(graphClient(), call.body);
    for (const change of admitted) {
      await noteChange(call, change.before === undefined ? "group.create" : "group.apply", change);
      await bringToTenant(call, change);
    }
    // An earlier call may have been cut off between writing a group and bringing it to the tenant.
    for (const { id } of changes.filter(({ action }) => action === "unchanged")) {
      const { status } = (await readGroup(id)).body;
      if (status === GroupStatus.creating) await startProvisioning(call.client, id, "apply");
      if (status === GroupStatus.deleting) await startRemoval(call.client, id);
    }
    return json({ changes }, admitted.length === 0 ? 200 : 202);
  },
});
