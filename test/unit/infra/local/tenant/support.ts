import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeviceRecord, Tenant, type TenantOptions } from "../../../../../infra/local/tenant/index.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { tenantDevice } from "../../../../support/tenant-device.js";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The body, empty when it is no JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Start extends Partial<Omit<TenantOptions, "clock">> {
  /** ISO date-time; default: the morning of Patch Tuesday of June 2024. */
  readonly at?: string;
  /** Calls reach it without a connection, which would cost more than what it does. Default false. */
  readonly inProcess?: boolean;
}

export const UPDATES = "/beta/admin/windows/updates";
export const INTUNE = "/beta/deviceManagement";

/** Making certificates takes long: the tenants of one test process share them. */
const shared = mkdtempSync(join(tmpdir(), "tenant-certificates-"));
const CERTIFICATES = join(shared, "certificates");
process.once("exit", () => rmSync(shared, { recursive: true, force: true }));

/** A tenant of its own for one test, spoken to over real HTTPS with its own certificate authority unless told otherwise. */
export class TestTenant {
  readonly #agent: Agent;
  #token = "";

  private constructor(
    readonly tenant: Tenant,
    readonly clock: VirtualClock,
    readonly dir: string,
    private readonly inProcess: boolean,
  ) {
    this.#agent = new Agent({ ca: readFileSync(tenant.caFile), keepAlive: true });
  }

  static async start({ at = "2024-06-11T12:00:00Z", inProcess = false, ...options }: Start = {}): Promise<TestTenant> {
    const clock = new VirtualClock(Date.parse(at));
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), "tenant-"));
    if (existsSync(CERTIFICATES)) cpSync(CERTIFICATES, join(dir, "certificates"), { recursive: true });
    const tenant = await Tenant.start({ persist: false, seed: 1, ...options, clock, dir });
    if (!existsSync(CERTIFICATES)) cpSync(join(dir, "certificates"), CERTIFICATES, { recursive: true });
    const test = new TestTenant(tenant, clock, dir, inProcess);
    await test.signIn();
    return test;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.tenant.stop();
  }

  async discard(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true });
  }

  async signIn(): Promise<void> {
    const { clientId, clientSecret } = this.tenant.credentials;
    const answer = await this.askToken({ client_id: clientId, client_secret: clientSecret });
    this.#token = String(answer.json.access_token);
  }

  askToken(form: Record<string, string>): Promise<Answer> {
    const defaults = { grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default" };
    const path = `/${this.tenant.credentials.tenantId}/oauth2/v2.0/token`;
    return this.send("POST", path, new URLSearchParams({ ...defaults, ...form }).toString(), {
      "content-type": "application/x-www-form-urlencoded",
    });
  }

  /** A Graph call with the application's token. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const typed = body === undefined ? {} : { "content-type": "application/json" };
    const given = { authorization: `Bearer ${this.#token}`, ...typed, ...headers };
    return this.send(
      method,
      path.startsWith("https:") ? path : encodeURI(path),
      body === undefined ? "" : JSON.stringify(body),
      given,
    );
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call("GET", path, undefined, headers);
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call("POST", path, body, headers);
  }

  send(method: string, path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const url = new URL(path, this.tenant.graphUrl);
    if (this.inProcess) return this.#ask(method, url, body, headers);
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const headers = response.headers as Record<string, string | undefined>;
          resolve({ status: response.statusCode ?? 0, headers, text, json: parse(text) });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async #ask(method: string, url: URL, body: string, headers: Record<string, string>): Promise<Answer> {
    const reply = this.tenant.answer({ method, url: url.pathname + url.search, headers }, body);
    // As between two processes: nobody has the answer before others had their turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (reply === undefined) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    const given = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    const { status, text } = reply;
    return { status, headers: Object.fromEntries(given), text, json: parse(text) };
  }

  /** Creates a security group with members and returns its id. */
  async group(name: string, members: readonly string[] = []): Promise<string> {
    const bind = members.map((id) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`);
    const answer = await this.post("/v1.0/groups", { ...groupBody(name), "members@odata.bind": bind });
    return String(answer.json.id);
  }

  /** Creates an update policy with one ring and returns their paths. Groups must have replicated. */
  async policy(included: readonly string[], excluded: readonly string[] = [], ring: object = {}): Promise<PolicyPaths> {
    const created = await this.post(`${UPDATES}/policies`, { ...POLICY_BODY, ...(ring as { policy?: object }).policy });
    const policy = `${UPDATES}/policies/${created.json.id}`;
    const answer = await this.post(`${policy}/rings`, {
      ...RING_BODY,
      includedGroupAssignment: assignment(included),
      excludedGroupAssignment: assignment(excluded),
      ...ring,
    });
    return { policy, ring: `${policy}/rings/${answer.json.id}` };
  }

  /** Approves an update in a policy and returns the path of the approval. */
  async approve(policy: string, shortName: string): Promise<string> {
    const body = { catalogEntryId: await this.entryId(shortName), status: "approved" };
    const answer = await this.post(`${policy}/approvals`, body);
    return `${policy}/approvals/${answer.json.id}`;
  }

  /** The catalogue id of an update by its short name. */
  async entryId(shortName: string): Promise<string> {
    const answer = await this.get(`${UPDATES}/catalog/entries?$top=999`);
    return String(items(answer).find((entry) => entry.shortName === shortName)?.id);
  }

  /** Lets domain time pass. */
  pass(seconds: number): void {
    this.clock.advance(this.clock.now() + seconds * 1000);
  }

  /** Adds devices 0 to count-1. */
  devices(count: number, patch: Partial<DeviceRecord> = {}): DeviceRecord[] {
    const devices = Array.from({ length: count }, (_, nth) => ({ ...device(nth), ...patch }));
    this.tenant.addDevices(devices);
    return devices;
  }
}

export interface PolicyPaths {
  readonly policy: string;
  readonly ring: string;
}

export const POLICY_BODY = {
  "@odata.type": "#microsoft.graph.windowsUpdates.qualityUpdatePolicy",
  displayName: "Policy",
  description: "",
};
export const RING_BODY = { "@odata.type": "#microsoft.graph.windowsUpdates.qualityUpdateRing", displayName: "Ring" };

export function assignment(groups: readonly string[]): object {
  return { assignments: groups.map((groupId) => ({ groupId })) };
}

export function groupBody(name: string): Record<string, unknown> {
  return { displayName: name, mailEnabled: false, mailNickname: name, securityEnabled: true };
}

export function device(nth: number): DeviceRecord {
  return tenantDevice(nth, { attributes: { bios: "1.2.3" } });
}

/** The items of a collection. */
export function items(answer: Answer): Record<string, unknown>[] {
  return answer.json.value as Record<string, unknown>[];
}

/** Code and message of an error envelope. */
export function errorOf(answer: Answer): { code: string; message: string; innerError: Record<string, string> } {
  return answer.json.error as { code: string; message: string; innerError: Record<string, string> };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
