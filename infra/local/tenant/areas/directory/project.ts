import type { DeviceRow, GroupRow, UserRow } from "../../directory/directory.js";
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
  const managed = row.managed !== false;
  return {
    id: row.id,
    deletedDateTime: null,
    accountEnabled: row.accountEnabled ?? true,
    approximateLastSignInDateTime: row.lastSyncDateTime,
    deviceId: row.deviceId,
    displayName: row.name,
    enrollmentType: "AzureDomainJoined",
    extensionAttributes: {},
    isCompliant: managed ? true : null,
    isManaged: managed ? true : null,
    managementType: managed ? "MDM" : null,
    manufacturer: row.manufacturer,
    model: row.model,
    operatingSystem: row.operatingSystem ?? "Windows",
    operatingSystemVersion: row.osVersion,
    profileType: "RegisteredDevice",
    registrationDateTime: dateText(row.registeredAt),
    trustType: TRUST[row.joinType] ?? "Workplace",
  };
}

/** A user as the directory answers it. */
export function userJson(row: UserRow): Json {
  return {
    id: row.id,
    accountEnabled: row.accountEnabled,
    displayName: row.displayName,
    mail: null,
    userPrincipalName: row.userPrincipalName,
  };
}

/** The types of objects that groups hold, each with how it is answered. */
export const MemberType = { device: "device", user: "user", group: "group" } as const;
export type MemberType = (typeof MemberType)[keyof typeof MemberType];

/** What kind of object an id names; undefined when there is none. */
export function typeOf({ directory }: World, id: string): MemberType | undefined {
  if (directory.devices.get(id) !== undefined) return MemberType.device;
  if (directory.users.get(id) !== undefined) return MemberType.user;
  return directory.groups.get(id) === undefined ? undefined : MemberType.group;
}

/** Any directory object by id, with its type. */
export function objectJson({ directory }: World, id: string): Json | undefined {
  const device = directory.devices.get(id);
  if (device !== undefined) return { "@odata.type": "#microsoft.graph.device", ...deviceJson(device) };
  const group = directory.groups.get(id);
  if (group !== undefined) return { "@odata.type": "#microsoft.graph.group", ...groupJson(group) };
  const user = directory.users.get(id);
  return user === undefined ? undefined : { "@odata.type": "#microsoft.graph.user", ...userJson(user) };
}
