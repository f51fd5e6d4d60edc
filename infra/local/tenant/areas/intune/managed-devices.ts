import type { DeviceRow } from "../../directory/directory.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { type GraphRequest, type Json, noContent, type Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";

const service = Service.intune;
const context = "deviceManagement/managedDevices";
const PATH = "/deviceManagement/managedDevices";
/** Properties of the beta version only. */
const BETA_ONLY = ["joinType", "skuFamily", "skuNumber", "processorArchitecture", "hardwareInformation"];

/** Intune's inventory (graph.md §2.6). */
export function managedDeviceRoutes(world: World): Route[] {
  const read = { service, needs: needs.readManagedDevices, method: "GET" } as const;
  const act = { service, needs: needs.actOnManagedDevices, method: "POST" } as const;
  const shape = (request: GraphRequest, whole: boolean) => ({
    project: (row: DeviceRow) => versioned(request, managedDeviceJson(row, whole)),
    context,
  });
  return [
    {
      ...read,
      path: PATH,
      handle: (request) =>
        answerList(request, {
          ...shape(request, false),
          rows: world.directory.devices.visibleAll().filter(({ managed }) => managed !== false),
          pageSize: 1000,
          maxPageSize: 1000,
          alwaysCount: true,
        }),
    },
    {
      ...read,
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, deviceOf(world, request), shape(request, true)),
    },
    { ...act, path: `${PATH}/{id}/syncDevice`, handle: (request) => acted(world, request) },
    { ...act, path: `${PATH}/{id}/rebootNow`, handle: (request) => acted(world, request) },
  ];
}

function acted(world: World, request: GraphRequest): ReturnType<Route["handle"]> {
  deviceOf(world, request);
  return noContent();
}

function deviceOf(world: World, request: GraphRequest): DeviceRow {
  const device = world.directory.byManagedId(request.params.id ?? "");
  if (device === undefined) throw notFound(service, request.params.id ?? "");
  return device;
}

function versioned(request: GraphRequest, device: Json): Json {
  if (request.version === "beta") return device;
  return Object.fromEntries(Object.entries(device).filter(([name]) => !BETA_ONLY.includes(name)));
}

/** What lists leave empty is filled only when one device is read (`whole`). */
function managedDeviceJson(row: DeviceRow, whole: boolean): Json {
  const { attributes } = row;
  return {
    id: row.managedDeviceId,
    deviceName: row.name,
    azureADDeviceId: row.deviceId,
    azureActiveDirectoryDeviceId: row.deviceId,
    complianceState: "compliant",
    configurationManagerClientEnabledFeatures: row.coManagement ?? null,
    deviceCategoryDisplayName: "Unknown",
    enrolledDateTime: dateText(row.registeredAt),
    freeStorageSpaceInBytes: 120_000_000_000,
    isEncrypted: true,
    joinType: row.joinType,
    lastSyncDateTime: row.lastSyncDateTime,
    managedDeviceOwnerType: row.ownerType,
    managementAgent: row.managementAgent ?? "mdm",
    manufacturer: row.manufacturer,
    model: row.model,
    operatingSystem: row.operatingSystem ?? "Windows",
    osVersion: row.osVersion,
    processorArchitecture: row.processorArchitecture ?? attributes.architecture ?? "x64",
    serialNumber: row.serialNumber,
    skuFamily: row.skuFamily,
    skuNumber: 4,
    totalStorageSpaceInBytes: 256_000_000_000,
    userPrincipalName: "",
    ethernetMacAddress: null,
    iccid: null,
    notes: null,
    physicalMemoryInBytes: whole ? Number(attributes.memoryGb ?? 16) * 2 ** 30 : 0,
    udid: null,
    hardwareInformation: whole
      ? {
          serialNumber: row.serialNumber,
          manufacturer: row.manufacturer,
          model: row.model,
          systemManagementBIOSVersion: attributes.bios ?? null,
          operatingSystemLanguage: attributes.language ?? null,
          operatingSystemEdition: row.skuFamily,
          osBuildNumber: row.osVersion,
          deviceGuardVirtualizationBasedSecurityState: row.virtualizationBasedSecurity ?? "running",
        }
      : null,
  };
}
