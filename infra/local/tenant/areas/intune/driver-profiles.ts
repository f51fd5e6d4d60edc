import { z } from "zod";
import { badRequest } from "../../graph/errors.js";
import { type Json, noContent, ok, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { defined } from "../rows.js";
import { PolicyArea } from "./policy-area.js";
import { newProfile, type ProfileRow, profileJson, profilePatch, profileSchema } from "./update-profile.js";

const deferral = z.int().min(0).max(30).nullable();
const newDriver = profileSchema.extend({
  approvalType: z.enum(["manual", "automatic"]),
  deploymentDeferralInDays: deferral.default(null),
});
const driverPatch = profilePatch.extend({
  approvalType: z.enum(["manual", "automatic"]).optional(),
  deploymentDeferralInDays: deferral.optional(),
});
const actionSchema = z.object({
  actionName: z.enum(["approve", "decline", "suspend"]),
  driverIds: z.array(z.string()).min(1).max(100),
  deploymentDate: z.iso.datetime({ offset: true }).nullable().optional(),
});

type DriverRow = ProfileRow & z.infer<typeof newDriver>;

/** Driver update profiles. No device here reports drivers, so their inventories stay empty (graph.md §2.4). */
export function driverProfileRoutes(world: World): Route[] {
  const area = new PolicyArea<DriverRow>(world, {
    collection: "windowsDriverUpdateProfiles",
    table: world.store.table<DriverRow>("driverProfiles"),
    only: "beta",
    assignmentType: "#microsoft.graph.windowsDriverUpdateProfileAssignment",
    project: driverJson,
    create: ({ body }) => checked({ ...newProfile(world, "driverProfile"), ...readBody(newDriver, body) }),
    change: (row, { body }) => {
      const changes = defined(readBody(driverPatch, body));
      if ((changes.approvalType ?? row.approvalType) !== row.approvalType) {
        throw badRequest("approvalType cannot be changed after the profile was created.");
      }
      return checked({ ...row, ...changes, modifiedAt: world.clock.now() });
    },
  });
  const inventory = `${area.path}/{id}/driverInventories`;
  return [
    ...area.routes(),
    area.read(inventory, (request) => {
      const context = `deviceManagement/windowsDriverUpdateProfiles('${area.of(request).id}')/driverInventories`;
      return answerList(request, { rows: [], project: (row: Json) => row, context });
    }),
    area.write("POST", `${area.path}/{id}/syncInventory`, (request) => {
      area.of(request);
      return noContent();
    }),
    area.write("POST", `${area.path}/{id}/executeAction`, (request) => {
      area.of(request);
      const { driverIds } = readBody(actionSchema, request.body);
      const type = "#microsoft.graph.bulkDriverActionResult";
      const none = { successfulDriverIds: [], failedDriverIds: [] };
      return ok({ value: { "@odata.type": type, ...none, notFoundDriverIds: driverIds } });
    }),
  ];
}

function checked(row: DriverRow): DriverRow {
  if (row.approvalType === "automatic" || row.deploymentDeferralInDays === null) return row;
  throw badRequest("deploymentDeferralInDays: only automatic approvals can be deferred.");
}

function driverJson(row: DriverRow): Json {
  return {
    "@odata.type": "#microsoft.graph.windowsDriverUpdateProfile",
    ...profileJson(row),
    approvalType: row.approvalType,
    deploymentDeferralInDays: row.deploymentDeferralInDays,
    deviceReporting: 0,
    newUpdates: 0,
    inventorySyncStatus: { driverInventorySyncState: "pending", lastSuccessfulSyncDateTime: "0001-01-01T00:00:00Z" },
  };
}
