import { text } from "node:stream/consumers";
import { CLOCK_KEY } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { ensureGroup } from "../../shared/graph/groups.js";
import { sendAdditions } from "../../shared/graph/members.js";
import { defaultGroup } from "../../shared/groups/defaults.js";
import { storedGroupSchema, writeGroup } from "../../shared/groups/store.js";
import { surveyDevices } from "../../shared/registration/discover.js";
import { fillRings } from "../../shared/registration/fill.js";
import { listDevices } from "../../shared/registration/store.js";
import { directoryChanges } from "../../shared/registration/watch.js";
import { Enrolment } from "../../shared/tenant/schema.js";
import { changeTenant } from "../../shared/tenant/state.js";
import { seconds } from "./raw-rows.js";
import { countRequests } from "./storage-requests.js";

/** What one discovery cost. */
export interface RegistrationRun {
  readonly seconds: number;
  /** Calls to Graph by method and path, ids left out. */
  readonly calls: Readonly<Record<string, number>>;
  readonly transactions: number;
  /** Calls to Graph of a discovery in which nothing changes. */
  readonly again: number;
  readonly idle: { readonly calls: number; readonly transactions: number };
  /** Devices per ring afterwards. */
  readonly sizes: readonly number[];
}

const GROUP = "bench";
const SHARES: Readonly<Record<string, number>> = { Ring1: 10, Ring2: 25, Ring3: 65 };

/** Reads the port of the table service, the instant and the object ids of the devices, a line each. */
const [port, start, ...objectIds] = (await text(process.stdin)).split("\n");
Object.assign(globalThis, { [CLOCK_KEY]: { now: () => Number(start) } });
const calls = countGraphCalls();
await prepare(objectIds);

const storage = countRequests(Number(port));
calls.reset();
const elapsed = await seconds(discover);
const [first, transactions] = [calls.byKind(), storage.count()];
calls.reset();
await discover();
const again = calls.total();
await look();
calls.reset();
const before = storage.count();
await look();
const idle = { calls: calls.total(), transactions: storage.count() - before };
storage.stop();
const devices = await listDevices();
const sizes = Object.keys(SHARES).map((name) => devices.filter(({ ring }) => ring === name).length);
const run: RegistrationRun = { seconds: elapsed, calls: first, transactions, again, idle, sizes };
console.log(JSON.stringify(run));

async function discover(): Promise<void> {
  await surveyDevices();
  for (let moved = 1; moved > 0; ) {
    const { added, removed } = await fillRings(GROUP);
    moved = added + removed;
  }
}

async function look(): Promise<void> {
  await (await directoryChanges()).commit();
}

/** An enrolled tenant, the pool's source group, the groups of the rings, and the Autopatch group in the store. */
async function prepare(objects: readonly string[]): Promise<void> {
  // What enrolling leaves behind; without it nothing may be changed in a tenant.
  await changeTenant((state) => ({ ...state, enrolment: Enrolment.enrolled }));
  const pool = await directoryGroup("pool");
  for (let at = 0; at < objects.length; at += 2000)
    await sendAdditions(graphClient(), pool, objects.slice(at, at + 2000));
  const definition = defaultGroup("Bench");
  const bindings: Record<string, { entraGroupId: string }> = {};
  for (const { name } of definition.rings) bindings[name] = { entraGroupId: await directoryGroup(name) };
  const rings = definition.rings.map((ring) => ({
    ...ring,
    distribution: SHARES[ring.name] === undefined ? {} : { dynamicPercent: SHARES[ring.name] },
  }));
  const stored = { id: GROUP, definition: { ...definition, rings, dynamicGroupIds: [pool] }, bindings };
  await writeGroup(storedGroupSchema.parse(stored));
}

async function directoryGroup(name: string): Promise<string> {
  const spec = { uniqueName: `bench-${name}`, displayName: `Bench - ${name}`, description: "" };
  return (await ensureGroup(graphClient(), spec)).groupId;
}

function countGraphCalls() {
  const counts = new Map<string, number>();
  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname.replace(/^\/(?:v1\.0|beta)/, "");
    const kind = `${init?.method ?? "GET"} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}")}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return send(input, init);
  };
  return {
    reset: () => counts.clear(),
    byKind: (): Record<string, number> => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
  };
}
