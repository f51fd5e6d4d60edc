import type { HttpFunctionOptions, HttpResponseInit } from "@azure/functions";
import { vi } from "vitest";
import type { Assignment } from "../../../../shared/access/assignments.js";
import { APP_ID, activity, TENANT, TeamsChannel } from "../../../support/teams-channel.js";
import { emptyTables, memoryTables } from "../../shared/policies/memory-tables.js";

type Handler = (request: object, context: object) => Promise<HttpResponseInit>;

/** Wall and domain time of these tests. */
export const NOW = Date.parse("2026-01-05T12:00:00Z");
export const settings = {
  BOT_APP_ID: APP_ID as string | undefined,
  BOT_APP_SECRET: "secret",
  BOT_METADATA_URL: "https://login.example/metadata",
  GRAPH_AUTHORITY: "https://login.example",
  TENANT_ID: TENANT,
  TEAMS_CHANNEL_ID: "19:c",
  TEAMS_APPROVERS: [],
  CONSOLE_URL: "https://console.example/",
};
/** Instances that were made to look again. */
export const roused: string[] = [];
/** What the bot said in conversations. */
export const said: { readonly conversationId: string; readonly text: string | undefined }[] = [];
/** Throws instead of being an active tenant. */
export const tenant: { refusal: Error | undefined } = { refusal: undefined };

export const channel = await TeamsChannel.create();
/** A key of another channel, published all the same. */
export const slack = await TeamsChannel.create("slack-key", ["slack"]);
const handlers = new Map<string, Handler>();

vi.doMock("@azure/functions", () => ({
  app: {
    http: (name: string, options: HttpFunctionOptions) => handlers.set(name, options.handler as unknown as Handler),
  },
}));
vi.doMock("durable-functions", () => ({ input: { durableClient: () => ({}) }, getClient: () => ({}) }));
vi.doMock("../../../../shared/store/tables.js", () => memoryTables());
vi.doMock("../../../../shared/config.js", () => ({ config: () => settings }));
vi.doMock("../../../../shared/tenant/state.js", () => ({
  requireActiveTenant: async () => {
    if (tenant.refusal !== undefined) throw tenant.refusal;
  },
}));
vi.doMock("../../../../shared/releases/store.js", () => ({
  readRelease: async () => ({ id: "r1", groupId: "workforce" }),
  findRelease: async () => ({ id: "r1", groupId: "workforce" }),
  listReleases: async () => [],
}));
vi.doMock("../../../../shared/groups/store.js", () => ({
  findGroup: async () => ({ body: { id: "workforce", definition: { scopeTagIds: ["7"] } } }),
  listGroups: async () => [],
}));
vi.doMock("../../../../workflows/client.js", () => ({
  rouse: async (_client: unknown, _name: string, instanceId: string) => void roused.push(instanceId),
}));
vi.doMock("../../../../shared/teams/client.js", () => ({
  tenantOf: () => TENANT,
  teamsClient: async () => ({
    send: async (conversationId: string, { text }: { text?: string }) => void said.push({ conversationId, text }),
  }),
}));
vi.stubGlobal("fetch", async (url: string) =>
  Response.json(
    url === settings.BOT_METADATA_URL ? { jwks_uri: "https://login.example/keys" } : { keys: [channel.jwk, slack.jwk] },
  ),
);

const { wall } = await import("../../../../shared/wall.js");
const { CLOCK_KEY } = await import("../../../../shared/clock.js");
Object.assign(globalThis, { [CLOCK_KEY]: { now: () => NOW } });
vi.spyOn(wall, "now").mockImplementation(() => NOW);
await import("../../../../functions/bot.js");

export const { newApproval, insertApproval, readApproval, changeApproval } = await import(
  "../../../../shared/approvals/store.js"
);
export const { policyFor } = await import("../../../../shared/approvals/policy.js");
const { findAssignment, writeAssignment } = await import("../../../../shared/access/assignments.js");
export const { findPerson, knownServiceUrl } = await import("../../../../shared/teams/store.js");
const { auditEntries } = await import("../../../../shared/audit/audit.js");

export const question = {
  id: "r1 gatePause 2026-01-05T11:00:00.000Z",
  kind: "gatePause",
  releaseId: "r1",
  at: NOW - 3_600_000,
  failures: 5,
  offered: 50,
} as const;
export const ADA = "8d2c0000-0000-4000-8000-000000000001";

/** Gives a person a role in place of whatever was assigned. */
export async function assign(assignment: Assignment): Promise<void> {
  await writeAssignment(assignment, await findAssignment(assignment.oid));
}

/** One open question, and Ada, who may answer it. */
export async function fresh(): Promise<void> {
  emptyTables();
  roused.length = 0;
  said.length = 0;
  tenant.refusal = undefined;
  settings.BOT_APP_ID = APP_ID;
  await assign({ oid: ADA, role: "Approver" });
  await insertApproval(newApproval(question, policyFor(question)));
}

/** A request to the bot as the host hands it over, with whatever header and body. */
export async function request(authorization: string | null, body: string): Promise<HttpResponseInit> {
  const headers = new Headers(authorization === null ? {} : { authorization });
  headers.set("content-length", String(Buffer.byteLength(body)));
  const context = { error: () => undefined };
  const reply = await handlers.get("botMessages")?.({ headers, text: async () => body }, context);
  if (reply === undefined) throw new Error("The bot did not register.");
  return reply;
}

/** What Teams sends and the bot answers. */
export async function send(sent: object = activity()): Promise<HttpResponseInit> {
  return request(`Bearer ${await channel.token(NOW)}`, JSON.stringify(sent));
}

/** All audit entries of the month. */
export async function entries() {
  const found = [];
  for await (const { body } of auditEntries("2026-01")) found.push(body);
  return found;
}
