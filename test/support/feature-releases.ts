import { vi } from "vitest";
import type { StoredGroup } from "../../shared/groups/store.js";
import type { DeviceRecord } from "../../shared/registration/device.js";
import { type ApiInMemory, mocksInForce } from "./api-in-memory.js";

type Handler = (input: unknown, context: object) => Promise<unknown>;
interface TimerOptions {
  readonly schedule: string;
  readonly handler: (timer: object, client: object) => Promise<void>;
}
type Step = { readonly activity?: string; readonly input?: unknown; readonly until?: Date };
type Run = (context: object) => Generator<Step, unknown, unknown>;

/** Feature releases with everything that carries them, on the API in memory and the emulator of the tenant. */
export type FeatureWorkshop = Awaited<ReturnType<typeof featureWorkshop>>;

/** To be had before any module of the product is loaded, right after `apiInMemory`. */
export async function featureWorkshop(api: ApiInMemory) {
  await mocksInForce();
  const timers = new Map<string, TimerOptions>();
  const activities = new Map<string, Handler>();
  const workflows = new Map<string, Run>();
  const started: { readonly name: string; readonly input: unknown }[] = [];
  let tenant: Awaited<ReturnType<typeof begin>> | undefined;
  const inTenant = () => {
    if (tenant === undefined) throw new Error("No tenant has begun.");
    return tenant;
  };
  vi.doMock("durable-functions", () => ({
    input: { durableClient: () => ({}) },
    getClient: () => ({}),
    app: {
      client: { timer: (name: string, options: TimerOptions) => timers.set(name, options) },
      activity: (name: string, { handler }: { handler: Handler }) => activities.set(name, handler),
      orchestration: (name: string, run: Run) => workflows.set(name, run),
    },
  }));
  const startOnce = async (_client: object, name: string, _id: string, input: unknown) => {
    started.push({ name, input });
  };
  const done = async () => undefined;
  vi.doMock("../../workflows/client.js", () => ({ startOnce, rouse: done, wake: done, findInstance: done }));
  const active = async () => undefined;
  vi.doMock("../../shared/tenant/state.js", () => ({
    ...{ requireActiveTenant: active, requireEnrolled: active },
    ...{ tenantState: active, isActive: () => true },
  }));
  vi.doMock("../../shared/graph/client.js", async (original) => ({
    ...(await original<object>()),
    graphClient: () => inTenant().graph,
  }));

  const { tenantWithGroup } = await import("../unit/shared/policies/tenant.js");
  const { persistently } = await import("../unit/shared/graph/emulated.js");
  const { groupSchema } = await import("../../shared/groups/group.js");
  const groups = await import("../../shared/groups/store.js");
  const { featureUpdateArea } = await import("../../shared/graph/policies/intune-areas.js");
  const { readUpdateRing } = await import("../../shared/graph/update-rings.js");
  const { writeDevices } = await import("../../shared/registration/store.js");
  await import("../../functions/api/feature-releases.js");
  await import("../../functions/api/groups.js");
  await import("../../functions/feature-releases.js");
  await import("../../workflows/feature-releases.js");
  const { ensureRingPolicies } = await import("../../workflows/activities/group-policies.js");

  async function begin() {
    return tenantWithGroup({ deploymentSettings: { targetFeatureVersion: "Windows 11, version 22H2" } });
  }

  /** A directory group, known everywhere. */
  async function directoryGroup(displayName: string): Promise<string> {
    const body = {
      displayName,
      mailNickname: displayName.replaceAll(" ", ""),
      mailEnabled: false,
      securityEnabled: true,
    };
    const { id } = (await inTenant().graph.post("/groups", body, { version: "v1.0" })).body as { id: string };
    inTenant().test.pass(60);
    return id;
  }

  /** An Autopatch group with policies in the tenant; its rings between Test and Last are dynamic. */
  async function addGroup(id: string, rings = ["Test", "Ring1", "Last"]): Promise<StoredGroup> {
    const { group } = inTenant();
    const known = group.definition.rings;
    const share = 100 / (rings.length - 2);
    const bindings: Record<string, { entraGroupId: string }> = {};
    for (const ring of rings) bindings[ring] = { entraGroupId: await directoryGroup(`${id} ${ring}`) };
    const pool = await directoryGroup(`${id} pool`);
    const ringOf = async (name: string) => ({
      ...(known.find((ring) => ring.name === name) ?? known[1]),
      name,
      distribution: /^(Test|Last)$/.test(name)
        ? { assignedGroupId: await directoryGroup(`${id} devices ${name}`) }
        : { dynamicPercent: share },
    });
    const definition = groupSchema.parse({
      ...{ ...group.definition, name: id, dynamicGroupIds: [pool] },
      rings: await Promise.all(rings.map(ringOf)),
    });
    const added = groups.storedGroupSchema.parse({ id, definition, bindings });
    const { version } = await groups.readGroups();
    await groups.writeGroups([{ group: added }], version);
    await persistently(inTenant().test, () => ensureRingPolicies(id));
    return (await groups.readGroup(id)).body;
  }

  /** Carries out what was started, as the durable engine does. */
  async function drain(): Promise<void> {
    for (let next = started.shift(); next !== undefined; next = started.shift()) {
      const run = workflows.get(next.name);
      const { groupId } = next.input as { groupId?: string };
      if (run !== undefined) await carry(run, next.input);
      else if (groupId !== undefined) await persistently(inTenant().test, () => ensureRingPolicies(groupId));
    }
  }

  async function carry(run: Run, input: unknown): Promise<void> {
    const { clock } = inTenant().test;
    const steps = run({
      df: {
        getInput: () => input,
        callActivity: (activity: string, given: unknown): Step => ({ activity, input: given }),
        createTimer: (until: Date): Step => ({ until }),
        get currentUtcDateTime() {
          return new Date(clock.now());
        },
      },
    });
    let answer: unknown;
    for (let step = steps.next(); step.done !== true; step = steps.next(answer)) {
      const { activity, input: given, until } = step.value;
      if (until !== undefined) clock.advance(until.getTime());
      const handler = activity === undefined ? undefined : activities.get(activity);
      answer = await handler?.(JSON.parse(JSON.stringify(given ?? null)), { error: () => undefined });
    }
  }

  const timer = (name = "featureReleasesAutomation") => {
    const found = timers.get(name);
    if (found === undefined) throw new Error(`There is no timer ${name}.`);
    return found;
  };

  return {
    ...{ api, addGroup, drain },
    schedule: () => timer().schedule,
    /** A tenant of its own for every test, on 12 June 2024 at noon. */
    async open() {
      tenant = await begin();
      started.length = 0;
    },
    close: async () => inTenant().test.discard(),
    now: () => inTenant().test.clock.now(),
    /** Lets time pass, with a run of the automation, or of another timer, at that instant. */
    async automationAt(text: string, name?: string) {
      inTenant().test.clock.advance(Date.parse(text));
      await timer(name).handler({}, {});
      await drain();
    },
    /** Loses what was started and not carried out yet. */
    forget() {
      started.length = 0;
    },
    /** The emulator of the tenant, and the app's Graph client to it. */
    tenant: () => inTenant().test,
    graph: () => inTenant().graph,
    /** Lets time pass, without a run. */
    passUntil: (text: string) => inTenant().test.clock.advance(Date.parse(text)),
    /** Feature update policies of the tenant by their names. */
    async policies() {
      const found = await featureUpdateArea.list(inTenant().graph);
      return new Map(found.map((policy) => [policy.displayName ?? policy.id, policy]));
    },
    /** Whether feature updates of a ring are paused, and until when. */
    async pauseOf({ bindings }: StoredGroup, ring: string) {
      const policyId = bindings[ring]?.updateRingPolicyId ?? "";
      const { featureUpdatesPaused, featureUpdatesPauseExpiryDateTime } = await readUpdateRing(
        inTenant().graph,
        policyId,
      );
      return { paused: featureUpdatesPaused, until: featureUpdatesPauseExpiryDateTime };
    },
    /** Somebody writes another description. */
    describePolicy: (id: string, description: string) =>
      inTenant().graph.patch(`/deviceManagement/windowsFeatureUpdateProfiles/${id}`, { description }),
    /** Somebody makes a feature update policy of his own. */
    async foreignPolicy(displayName: string, featureUpdateVersion: string, groupId: string) {
      const { graph } = inTenant();
      const path = "/deviceManagement/windowsFeatureUpdateProfiles";
      const { id } = (await graph.post(path, { displayName, featureUpdateVersion })).body as { id: string };
      const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId };
      await graph.post(`${path}/${id}/assign`, { assignments: [{ target }] });
    },
    register: (devices: readonly DeviceRecord[]) =>
      writeDevices(
        devices.map(({ deviceId }) => deviceId),
        (id) => devices.find(({ deviceId }) => deviceId === id),
      ),
  };
}
