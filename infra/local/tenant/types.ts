/** A Windows device as Entra and Intune know it. */
export interface DeviceRecord {
  /** Entra deviceId: what Windows Update identifies the device by. */
  readonly deviceId: string;
  /** Id of the directory object: what groups hold. */
  readonly objectId: string;
  /** Id in Intune. */
  readonly managedDeviceId: string;
  readonly name: string;
  /** `10.0.22631.3593` */
  readonly osVersion: string;
  readonly product: "Windows 10" | "Windows 11";
  readonly version: "21H2" | "22H2" | "23H2" | "24H2" | "25H2";
  readonly model: string;
  readonly manufacturer: string;
  readonly serialNumber: string;
  /** `azureADJoined`, `hybridAzureADJoined` or `azureADRegistered`. */
  readonly joinType: string;
  readonly ownerType: "company" | "personal";
  readonly skuFamily: string;
  /** ISO, domain time. */
  readonly lastSyncDateTime: string;
  /** Everything else that is known: gpu, bios, drivers, language. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether Entra lets the device sign in. Default true. */
  readonly accountEnabled?: boolean;
  /** `mdm`, `configurationManagerClientMdm` (co-managed) and so on. Default `mdm`. */
  readonly managementAgent?: string;
  /** Workloads of a co-managed device; absent, it is not co-managed. */
  readonly coManagement?: CoManagement;
  /** Default `Windows`. */
  readonly operatingSystem?: string;
  /** `x64`, `x86`, `arm64`. Default: the attribute `architecture`, else `x64`. */
  readonly processorArchitecture?: string;
  /** State of virtualization-based security as Intune says it. Default `running`. */
  readonly virtualizationBasedSecurity?: string;
  /** Drivers and firmware that Windows Update has installed since the attributes were taken: versions by component. */
  readonly installedDrivers?: Readonly<Record<string, string>>;
  /** False: Entra knows the device, Intune does not. Default true. */
  readonly managed?: boolean;
}

/** The workloads of a co-managed device: true = on Intune or in its pilot, false = on Configuration Manager. */
export interface CoManagement {
  readonly inventory: boolean;
  readonly modernApps: boolean;
  readonly resourceAccess: boolean;
  readonly deviceConfiguration: boolean;
  readonly compliancePolicy: boolean;
  readonly windowsUpdateForBusiness: boolean;
  readonly endpointProtection: boolean;
  readonly officeApps: boolean;
}

/** A security group with assigned members. */
export interface GroupRecord {
  /** Alternate key, unique in the tenant. */
  readonly uniqueName: string;
  readonly displayName: string;
  readonly description: string;
  /** Directory object ids. */
  readonly memberIds: readonly string[];
}

/** A user, as far as groups hold users. */
export interface UserRecord {
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
}

/** A PC of Windows 365. */
export interface CloudPc {
  /** Its device in Entra. */
  readonly aadDeviceId: string;
  /** Its device in Intune. */
  readonly managedDeviceId: string;
  readonly displayName: string;
  readonly provisioningPolicyId: string;
  /** `Cloud PC Enterprise 2vCPU/8GB/128GB`; Business plans say so. */
  readonly servicePlanName: string;
}

/** What provisions Cloud PCs. */
export interface ProvisioningPolicy {
  readonly displayName: string;
  /** The Autopatch group that its Cloud PCs are registered with; absent, none. */
  readonly autopatchGroupId?: string;
}

/** A conditional access policy, as far as it tells whom it concerns. */
export interface ConditionalAccessPolicy {
  readonly displayName: string;
  readonly state: "enabled" | "disabled" | "enabledForReportingButNotEnforced";
  /** `All`, or ids of users. */
  readonly includeUsers: readonly string[];
  readonly excludeUsers?: readonly string[];
}

/** A person signed in to the app's API. */
export interface Person {
  /** Object id of the user. */
  readonly oid: string;
  readonly name: string;
  /** App roles. */
  readonly roles: readonly string[];
  /** Default `access_as_user`. */
  readonly scopes?: readonly string[];
  /** Default `api://ringmaster`. */
  readonly audience?: string;
  /** Seconds of wall time; default 3599. */
  readonly lifetimeSeconds?: number;
}

/** What may change about a device, a new enrolment in Intune included. */
export type DevicePatch = Partial<Omit<DeviceRecord, "deviceId" | "objectId">>;

/** What changes when a device reports its inventory. */
export type InventoryPatch = Omit<DevicePatch, "managedDeviceId">;

/** The update ring of Intune as the device experiences it. Days are whole days. */
export interface UpdateRingView {
  readonly id: string;
  readonly qualityDeferralDays: number;
  readonly deadlineDays: number;
  readonly graceDays: number;
  readonly qualityPaused: boolean;
  readonly rollBackQuality: boolean;
  /** When the roll-back was ordered, ms. */
  readonly rollBackSince?: number;
  readonly automaticUpdateMode: string;
  readonly installationSchedule?: unknown;
  readonly updateWeeks?: string;
  readonly notificationLevel?: string;
  /** Days until a feature update is forced. */
  readonly featureDeadlineDays: number;
  readonly featurePaused: boolean;
  readonly rollBackFeature: boolean;
  /** Days after its installation in which a feature update can be uninstalled. */
  readonly featureUninstallDays: number;
}

/** The Windows version that a device is to have, newer than its own. */
export interface FeatureOffer {
  /** Name in the catalogue of feature updates: `Windows 11, version 24H2`. */
  readonly version: string;
  readonly product: "Windows 10" | "Windows 11";
  /** `24H2` */
  readonly versionName: DeviceRecord["version"];
  /** The build that the device has afterwards: `10.0.26100.2314`. */
  readonly build: string;
  /** When this device began to be offered it, ms. */
  readonly since: number;
  /** Windows 10, version 22H2 in place of a Windows 11 that the hardware does not allow. */
  readonly isFallback?: true;
}

/** A driver or firmware that a device is to have, newer than its own. */
export interface DriverOffer {
  /** Id in the catalogue, 64 hexadecimal digits. */
  readonly id: string;
  /** Its component: `NVIDIA - Display`. */
  readonly name: string;
  readonly version: string;
  /** When this device began to be offered it, ms. */
  readonly since: number;
}

/** What Windows Update and Intune tell one device now. */
export interface DeviceUpdateView {
  /**
   * Newest approved and published quality update for the device's Windows version, as it comes to this device: by its
   * cumulative update, a hotpatch, or the baseline that a hotpatch needs.
   */
  readonly offer?: {
    readonly catalogEntryId: string;
    readonly kb: string;
    /** `10.0.22631.3737` */
    readonly build: string;
    /** When this device began to be offered it, ms. */
    readonly since: number;
    /** Installs without a restart. */
    readonly isHotpatch?: true;
  };
  /** Newest Windows version of the profiles that reach the device. */
  readonly feature?: FeatureOffer;
  /** Ids (8 digits) of the safeguard holds that keep the device from its feature update. */
  readonly safeguards?: readonly number[];
  /** The newest approved driver of each of the device's components. */
  readonly drivers?: readonly DriverOffer[];
  readonly ring?: UpdateRingView;
  readonly expedite?: { readonly build: string; readonly daysUntilForcedReboot: number };
  /** Hours between two scans for updates, where a policy sets them (autopatch.md §5.4). */
  readonly detectionFrequencyHours?: number;
}
