import type { DeviceRow, GroupRow } from "../../directory/directory.js";
import type { Json } from "../../graph/types.js";
import { dateText, type World } from "../../world.js";

/** A group as Graph answers it. */
export function groupJson(row: GroupRow): Json {
  return {
    id: row.id,
    deletedDateTime: null,
    createdDateTime: dateText(row.createdAt),
    description: row.description,
    displayName: row.displayName,
    groupTypes: row.groupTypes,
    isAssignableToRole: null,
    mail: null,
    mailEnabled: false,
    mailNickname: row.mailNickname,
    membershipRule: row.membershipRule,
    membershipRuleProcessingState: row.membershipRule === null ? null : "On",
    securityEnabled: true,
    uniqueName: row.uniqueName,
    visibility: null,
  };
}

const TRUST: Readonly<Record<string, string>> = {
  azureADJoined: "AzureAd",
  hybridAzureADJoined: "ServerAd",
  azureADRegistered: "Workplace",
};

/** A device as the directory answers it. */
export function deviceJson(row: DeviceRow): Json {
  return {
    id: row.id,
    deletedDateTime: null,
    accountEnabled: true,
    approximateLastSignInDateTime: row.lastSyncDateTime,
    deviceId: row.deviceId,
    displayName: row.name,
    enrollmentType: "AzureDomainJoined",
    extensionAttributes: {},
    isCompliant: true,
    isManaged: true,
    managementType: "MDM",
    manufacturer: row.manufacturer,
    model: row.model,
    operatingSystem: "Windows",
    operatingSystemVersion: row.osVersion,
    profileType: "RegisteredDevice",
    registrationDateTime: dateText(row.registeredAt),
    trustType: TRUST[row.joinType] ?? "Workplace",
  };
}

/** Any directory object by id, with its type. */
export function objectJson(world: World, id: string): Json | undefined {
  const device = world.directory.devices.get(id);
  if (device !== undefined) return { "@odata.type": "#microsoft.graph.device", ...deviceJson(device) };
  const group = world.directory.groups.get(id);
  return group === undefined ? undefined : { "@odata.type": "#microsoft.graph.group", ...groupJson(group) };
}
