import { z } from "zod";
import { decide, inventoryId } from "../../drivers/decide.js";
import { type InventoryItem, inventoryOf, syncedAt } from "../../drivers/inventory.js";
import { type DriverProfileRow, deferralSchema, newDriverProfile } from "../../drivers/rows.js";
import { driverSource } from "../../drivers/source.js";
import { badRequest, Service } from "../../graph/errors.js";
import { type Json, noContent, ok, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";
import { defined, visible } from "../rows.js";
import { assignedTo } from "./assignments.js";
import { PolicyArea } from "./policy-area.js";
import { newProfile, profileJson, profilePatch } from "./update-profile.js";

const driverPatch = profilePatch.extend({
  approvalType: z.enum(["manual", "automatic"]).optional(),
  deploymentDeferralInDays: deferralSchema.optional(),
});
const actionSchema = z.object({
  actionName: z.enum(["approve", "decline", "suspend"]),
  driverIds: z.array(z.string()).min(1).max(100),
  deploymentDate: z.iso.datetime({ offset: true }).nullable().optional(),
});

/** Driver update profiles, with the drivers that their devices need (graph.md §2.4). */
export function driverProfileRoutes(world: World): Route[] {
  const profiles = world.store.table<DriverProfileRow>("driverProfiles");
  const area = new PolicyArea<DriverProfileRow>(world, {
    collection: "windowsDriverUpdateProfiles",
    table: profiles,
    only: "beta",
    assignmentType: "#microsoft.graph.windowsDriverUpdateProfileAssignment",
    project: (row) => driverJson(world, row),
    create: ({ body }) => checked({ ...newProfile(world, "driverProfile"), ...readBody(newDriverProfile, body) }),
    change: (row, { body }) => {
      const changes = defined(readBody(driverPatch, body));
      if ((changes.approvalType ?? row.approvalType) !== row.approvalType) {
        throw badRequest("approvalType cannot be changed after the profile was created.");
      }
      return checked({ ...row, ...changes, modifiedAt: world.clock.now() });
    },
    apply: (row) => world.windowsUpdate.setDrivers(driverSource(world, assignedTo(row.id, row.targets), row)),
    forget: (id) => world.windowsUpdate.deleteDrivers(id),
  });
  const inventory = `${area.path}/{id}/driverInventories`;
  return [
    ...area.routes(),
    area.read(inventory, (request) => {
      const row = visible(profiles, Service.intune, request.params.id);
      const context = `deviceManagement/windowsDriverUpdateProfiles('${row.id}')/driverInventories`;
      return answerList(request, { rows: inventoryOf(world, row), project: (item) => itemJson(row, item), context });
    }),
    area.write("POST", `${area.path}/{id}/syncInventory`, (request) => {
      area.of(request);
      return noContent();
    }),
    area.write("POST", `${area.path}/{id}/executeAction`, (request) => {
      const { actionName, driverIds, deploymentDate } = readBody(actionSchema, request.body);
      const deployAt = deploymentDate == null ? world.clock.now() : Date.parse(deploymentDate);
      const { row, result } = decide(world, area.of(request), { action: actionName, ids: driverIds, deployAt });
      area.save(row);
      return ok({ value: { "@odata.type": "#microsoft.graph.bulkDriverActionResult", ...result } });
    }),
  ];
}

function checked(row: DriverProfileRow): DriverProfileRow {
  if (row.approvalType === "automatic" || row.deploymentDeferralInDays === null) return row;
  throw badRequest("deploymentDeferralInDays: only automatic approvals can be deferred.");
}

function driverJson(world: World, row: DriverProfileRow): Json {
  const at = syncedAt(world, row);
  const isSynced = at <= world.clock.now();
  return {
    "@odata.type": "#microsoft.graph.windowsDriverUpdateProfile",
    ...profileJson(row),
    approvalType: row.approvalType,
    deploymentDeferralInDays: row.deploymentDeferralInDays,
    // Both are counted where somebody looks at the inventory; the list of all policies is read too often for that.
    deviceReporting: 0,
    newUpdates: 0,
    inventorySyncStatus: {
      driverInventorySyncState: isSynced ? "success" : "pending",
      lastSuccessfulSyncDateTime: isSynced ? dateText(at) : "0001-01-01T00:00:00Z",
    },
  };
}

function itemJson(row: DriverProfileRow, { entry, devices, decision, category }: InventoryItem): Json {
  const { component, version, manufacturer, driverClass, releasedAt } = entry;
  return {
    "@odata.type": "#microsoft.graph.windowsDriverUpdateInventory",
    id: inventoryId(row.id, entry.id),
    name: `${component} - ${version}`,
    ...{ version, manufacturer, driverClass },
    releaseDateTime: dateText(releasedAt),
    applicableDeviceCount: devices,
    approvalStatus: decision.status,
    category,
    deployDateTime: decision.deployAt === null ? null : dateText(decision.deployAt),
  };
}
