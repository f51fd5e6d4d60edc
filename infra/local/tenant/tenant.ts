import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../time/clock.js";
import type { SecurityDefaultsRow } from "./areas/access/conditional-access.js";
import type { Mail } from "./areas/mail/send-mail.js";
import { allRoutes } from "./areas/routes.js";
import { tellAudiences } from "./areas/updates/audience-devices.js";
import type { DeploymentRow } from "./areas/updates/deployment-rows.js";
import { saveDeployment } from "./areas/updates/deployments.js";
import { Authority, type Credentials } from "./authority/authority.js";
import { TokenSigner } from "./authority/tokens.js";
import { Catalogue } from "./catalogue/catalogue.js";
import type { Revision } from "./catalogue/entry.js";
import type { Publication } from "./catalogue/releases.js";
import { Directory } from "./directory/directory.js";
import type { DriverEntry } from "./drivers/catalogue.js";
import { driverCatalogue } from "./drivers/inventory.js";
import { FaultControl } from "./faults.js";
import { type AppPolicy, appPolicies } from "./feeds/app-policies.js";
import { EDGE_PATH, KEV_PATH, MSRC_PATH, OFFICE_PATH, publicFeeds } from "./feeds/feeds.js";
import { GraphApi } from "./graph/api.js";
import { DEFAULT_ROLES } from "./graph/permissions.js";
import { type Licence, Licences } from "./licences.js";
import { type SafeguardHold, SafeguardHolds } from "./release-health/safeguard-holds.js";
import { guid, servicePrincipalOf } from "./state/ids.js";
import { Store } from "./state/store.js";
import { Teams } from "./teams/teams.js";
import { certificates } from "./transport/certificates.js";
import { type Asked, type Reply, TenantServer } from "./transport/server.js";
import type {
  CloudPc,
  ConditionalAccessPolicy,
  DevicePatch,
  DeviceRecord,
  DeviceUpdateView,
  GroupRecord,
  InventoryPatch,
  Person,
  ProvisioningPolicy,
  UserRecord,
} from "./types.js";
import { WindowsUpdate } from "./windows-update/windows-update.js";
import { replicationDelayMs, type World } from "./world.js";

export interface TenantOptions {
  readonly clock: Clock;
  /** Holds certificates, and the journal when `persist`. */
  readonly dir: string;
  /** Folder of the certificates, which are made where it has none. Default: one in `dir`. */
  readonly certificates?: string;
  /** Keep state in `dir/tenant.jsonl`, or only in memory. */
  readonly persist: boolean;
  readonly seed: number;
  /** Default: a free port. */
  readonly port?: number;
  /** Application permissions of the app registration. Default: graph.md §8. */
  readonly roles?: readonly string[];
  readonly catalogue?: "seed";
  /** With a team in Microsoft Teams: people, a channel, a bot. Default false. */
  readonly teams?: boolean;
}

/** Where the tenant's host was last, so that it can be there again: bots keep the service URL of a conversation. */
interface HostRow {
  readonly id: "host";
  readonly port: number;
}

interface ConsentRow {
  readonly id: "app";
  readonly granted: boolean;
}

/** One Microsoft tenant over HTTPS: Entra, Intune and Windows Update as far as updates need them. */
export class Tenant {
  readonly graphUrl: string;
  readonly authorityUrl: string;
  /** Root of the MSRC's CVRF service, and CISA's catalogue (graph.md §5.1). */
  readonly msrcUrl: string;
  readonly kevUrl: string;
  /** Lists of the releases of Office and Edge. */
  readonly officeUrl: string;
  readonly edgeUrl: string;
  readonly credentials: Credentials;

  private constructor(
    private readonly world: World,
    private readonly server: TenantServer,
    /** The app registration: what it is granted, how long its tokens live. */
    readonly authority: Authority,
    /** The private certificate authority as PEM: NODE_EXTRA_CA_CERTS of every client process must point to it. */
    readonly caFile: string,
    /** Microsoft Teams, where the tenant was started with it. */
    readonly teams: Teams | undefined,
  ) {
    this.graphUrl = `${server.origin}/`;
    this.authorityUrl = server.origin;
    this.msrcUrl = `${server.origin}${MSRC_PATH}`;
    this.kevUrl = `${server.origin}${KEV_PATH}`;
    this.officeUrl = `${server.origin}${OFFICE_PATH}`;
    this.edgeUrl = `${server.origin}${EDGE_PATH}`;
    this.credentials = authority.credentials;
  }

  static async start(options: TenantOptions): Promise<Tenant> {
    const { clock, dir, persist, seed } = options;
    mkdirSync(dir, { recursive: true });
    const certs = await certificates(options.certificates ?? join(dir, "certificates"));
    const authority = new Authority(new TokenSigner(certs.tokenKey), seed, options.roles ?? DEFAULT_ROLES);
    const world = build(clock, seed, authority.credentials.tenantId, persist ? join(dir, "tenant.jsonl") : undefined);
    authority.consented = world.store.table<ConsentRow>("consent").get("app")?.granted ?? true;
    addApplications(world, authority);
    const api = new GraphApi(world, allRoutes(world), (claims) => authority.knows(claims));
    const teams = options.teams === true ? new Teams(world, authority, { seed, dir }) : undefined;
    const sites = [publicFeeds(world), ...(teams === undefined ? [] : [teams])];
    world.windowsUpdate.start();
    const hosts = world.store.table<HostRow>("host");
    const listen = (port: number) => TenantServer.listen({ certificates: certs, authority, api, sites, port });
    const before = hosts.get("host")?.port ?? 0;
    const server = await (options.port === undefined ? listen(before).catch(() => listen(0)) : listen(options.port));
    if (teams !== undefined) {
      teams.origin = server.origin;
      hosts.set({ id: "host", port: server.port });
    }
    return new Tenant(world, server, authority, certs.caFile, teams);
  }

  get faults(): FaultControl {
    return this.world.faults;
  }

  /** Grows with every request. */
  activity(): number {
    return this.server.requests;
  }

  /** Answers a request of this process as it would one over HTTPS; undefined where the connection would be reset. */
  answer(request: Asked, text: string): Reply | undefined {
    return this.server.answer(request, text);
  }

  isQuiet(): boolean {
    return this.server.open === 0;
  }

  /** Puts devices into Entra and Intune; known ones are replaced. */
  addDevices(devices: readonly DeviceRecord[]): void {
    this.world.directory.addDevices(devices);
    tellAudiences(this.world);
    this.world.windowsUpdate.devicesChanged(devices.map(({ objectId }) => objectId));
  }

  /** What a device reported to Intune about itself. */
  reportInventory(deviceId: string, patch: InventoryPatch): void {
    this.patchDevice(deviceId, patch);
  }

  /** Changes anything about a device but its ids in Entra; a new `managedDeviceId` is a new enrolment in Intune. */
  patchDevice(deviceId: string, patch: DevicePatch): void {
    const before = this.world.directory.byDeviceId(deviceId);
    const row = this.world.directory.patchDevice(deviceId, patch);
    if (before === undefined || isOfferedOther(before, row) || this.#isOnOtherBaseline(before, row))
      this.world.windowsUpdate.devicesChanged([row.id]);
  }

  /** Whether hotpatches begin or end to fit a device; any other new build changes nothing about what it is offered. */
  #isOnOtherBaseline(before: DeviceRecord, after: DeviceRecord): boolean {
    const { catalogue } = this.world;
    return catalogue.baselineOf(before.osVersion) !== catalogue.baselineOf(after.osVersion);
  }

  /** Deletes a device from Entra, its groups and Intune; unknown ones are ignored. */
  removeDevice(deviceId: string): void {
    const row = this.world.directory.byDeviceId(deviceId);
    if (row === undefined) return;
    this.world.store.atomically(() => this.world.directory.removeDevice(row));
    tellAudiences(this.world);
  }

  /** A security group of the administrators with these members, made where there is none of this unique name; its id. */
  ensureGroup({ memberIds, ...spec }: GroupRecord): string {
    const { directory, store } = this.world;
    return store.atomically(() => {
      const found = directory.groups.all().find(({ uniqueName }) => uniqueName === spec.uniqueName);
      const id = found?.id ?? this.world.newId("group");
      if (found === undefined) {
        const own = { mailNickname: spec.uniqueName, groupTypes: [], membershipRule: null };
        directory.setGroup({ id, ...spec, ...own, createdAt: this.world.clock.now() });
        directory.addOwner(id, this.administrationPrincipalId);
      }
      const members = directory.membersOf(id);
      directory.addMembers(
        id,
        memberIds.filter((member) => !members.has(member)),
      );
      return id;
    });
  }

  /** Puts users into the directory; returns their object ids. */
  addUsers(users: readonly UserRecord[]): string[] {
    return users.map((user) => {
      const id = this.world.newId("user");
      this.world.directory.users.set({ id, ...user });
      return id;
    });
  }

  /** Every mail sent through Graph, oldest first. */
  get mails(): readonly Mail[] {
    return this.world.store.table<Mail>("mails").all();
  }

  /** Replaces the tenant's subscriptions; `[]` leaves it without any. */
  setLicences(licences: readonly Licence[]): void {
    this.world.licences.set(licences);
  }

  /** Takes the app out of the tenant: no more tokens, and calls with those it has are refused with 403. */
  revokeConsent(): void {
    this.#consent(false);
  }

  /** An administrator consents again. */
  grantConsent(): void {
    this.#consent(true);
  }

  /** Object id of the app's service principal. */
  get servicePrincipalId(): string {
    return servicePrincipalOf(this.credentials.clientId);
  }

  /** Object id of the service principal of the administrators' tools. */
  get administrationPrincipalId(): string {
    return servicePrincipalOf(this.authority.administrationId);
  }

  /** A token of a person for the app's own API, signed with a key that the tenant publishes. */
  token(person: Person): string {
    return this.authority.personToken(person, this.authorityUrl);
  }

  /** A token for Graph that may do everything: what administrators do by hand. Consent does not matter to it. */
  adminToken(): string {
    return this.authority.adminToken(this.authorityUrl);
  }

  /** Adds a policy that provisions Cloud PCs; returns its id. */
  addProvisioningPolicy(policy: ProvisioningPolicy): string {
    return this.#add("provisioningPolicies", policy);
  }

  /** Adds a PC of Windows 365 for a device there is; returns its id. */
  addCloudPc(cloudPc: CloudPc): string {
    return this.#add("cloudPcs", cloudPc);
  }

  /** Adds a conditional access policy; returns its id. */
  addConditionalAccessPolicy(policy: ConditionalAccessPolicy): string {
    return this.#add("conditionalAccess", policy);
  }

  /** Security defaults are off until they are switched on. */
  setSecurityDefaults(isEnabled: boolean): void {
    this.world.store.table<SecurityDefaultsRow>("securityDefaults").set({ id: "securityDefaults", isEnabled });
  }

  /** What Intune tells devices about their apps, by object id. */
  appPolicies(): ReadonlyMap<string, AppPolicy> {
    return appPolicies(this.world);
  }

  /** What Windows Update and Intune tell this device now. */
  view(deviceId: string): DeviceUpdateView {
    return this.world.windowsUpdate.view(deviceId);
  }

  /** Calls `listener` with the devices whose view may have changed. */
  onChange(listener: (deviceIds: ReadonlySet<string> | "all") => void): void {
    this.world.windowsUpdate.onChange(listener);
  }

  /** Adds an update to the catalogue; returns its entry id. */
  publish(update: Publication): string {
    const { id } = this.world.catalogue.publish(update);
    this.world.windowsUpdate.catalogueChanged();
    return id;
  }

  /** Gives an update of the catalogue emulated hotpatches, and says which. Empty for months that bring none. */
  emulateHotpatches(entryId: string): readonly Revision[] {
    const hotpatches = this.world.catalogue.emulateHotpatches(entryId);
    this.world.windowsUpdate.catalogueChanged();
    return hotpatches;
  }

  /** A manufacturer publishes a driver beside those that the catalogue has by itself; returns its id. */
  publishDriver(driver: Omit<DriverEntry, "id">): string {
    const id = driverCatalogue(this.world).publish(driver);
    this.world.windowsUpdate.driversChanged();
    return id;
  }

  /** A publisher takes a driver back: policies do not have it any more. */
  withdrawDriver(id: string): void {
    driverCatalogue(this.world).withdraw(id);
    this.world.windowsUpdate.driversChanged();
  }

  /** Holds a feature update back from devices that match a known issue; the id of a hold there is replaces it. */
  setSafeguardHold(hold: SafeguardHold): void {
    this.world.safeguardHolds.set(hold);
    this.world.windowsUpdate.safeguardsChanged();
  }

  /** Devices roll a deployed update back: so many of those that were offered it, in percent. Trips monitoring rules. */
  rollBack(deploymentId: string, rollbackPercent: number): void {
    const deployments = this.world.store.table<DeploymentRow>("deployments");
    const row = deployments.get(deploymentId);
    if (row !== undefined) saveDeployment(this.world, { ...row, rollbackPercent });
  }

  #consent(granted: boolean): void {
    this.authority.consented = granted;
    this.world.store.table<ConsentRow>("consent").set({ id: "app", granted });
  }

  #add(table: string, item: object): string {
    const id = this.world.newId(table);
    this.world.store.table(table).set({ id, ...item });
    return id;
  }

  async stop(): Promise<void> {
    await this.server.close();
    this.world.windowsUpdate.stop();
    this.world.store.close();
  }
}

/** Whether what changed about a device may change what it is offered. */
function isOfferedOther(before: DeviceRecord, after: DeviceRecord): boolean {
  const kept = ["version", "product", "attributes", "installedDrivers", "virtualizationBasedSecurity"] as const;
  return kept.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** Service principals of the applications that call Graph. */
function addApplications({ directory }: World, { credentials, administrationId }: Authority): void {
  const applications = { [credentials.clientId]: "Ringmaster", [administrationId]: "Administration" };
  for (const [appId, displayName] of Object.entries(applications)) {
    const id = servicePrincipalOf(appId);
    if (directory.servicePrincipals.get(id) === undefined) directory.servicePrincipals.set({ id, appId, displayName });
  }
}

function build(clock: Clock, seed: number, tenantId: string, file: string | undefined): World {
  const faults = new FaultControl(seed);
  const now = () => clock.now();
  const readDelayMs = () => (faults.current.readDelaySeconds ?? 0) * 1000;
  const store = new Store({ now, readDelayMs, ...(file === undefined ? {} : { file }) });
  const directory = new Directory(store, now);
  const catalogue = new Catalogue(store);
  const delay = () => replicationDelayMs(faults);
  const safeguardHolds = new SafeguardHolds(store);
  const windowsUpdate = new WindowsUpdate({
    ...{ clock, store, directory, catalogue },
    holds: safeguardHolds,
    replicationDelayMs: delay,
  });
  const newId = (purpose: string) => guid(seed, purpose, store.nextNumber());
  const licences = new Licences(store);
  return { clock, store, directory, catalogue, windowsUpdate, safeguardHolds, faults, licences, tenantId, newId };
}
