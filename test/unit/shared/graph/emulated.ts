import { CLOCK_KEY } from "../../../../shared/clock.js";
import { graphOver } from "../../../../shared/graph/client.js";
import { tagOf } from "../../../../shared/graph/names.js";
import { offering } from "../../../../shared/graph/offering/offering.js";
import type { Offering, RingTarget } from "../../../../shared/graph/offering/types.js";
import { ensurePolicy } from "../../../../shared/graph/policies/ensure.js";
import { type Fetch, transport } from "../../../../shared/graph/transport.js";
import { desiredUpdateRing, updateRingArea } from "../../../../shared/graph/update-rings.js";
import { commonSettingsSchema } from "../../../../shared/groups/group.js";
import { type RingSettings, ringSettingsSchema } from "../../../../shared/groups/ring.js";
import { type Start, TestTenant } from "../../infra/local/tenant/support.js";

export const RELEASE = "2024.06 B";

/** A tenant emulator with one deployment ring of `size` devices and the app's Graph client to it. */
export async function emulated(size: number, { intune = false, ...start }: Start & { intune?: boolean } = {}) {
  const test = await TestTenant.start({ at: "2024-06-12T12:00:00Z", inProcess: true, ...start });
  const tokens = tokensOf(test);
  // As the local host does: the app reads the tenant's domain time.
  Object.assign(globalThis, { [CLOCK_KEY]: test.clock });
  const graph = graphOver(transport({ baseUrl: test.tenant.graphUrl, tokens, fetch: fetchOver(test) }));
  if (intune) test.tenant.faults.set({ groupModel: "forbidden" });
  const devices = test.devices(size);
  const entraGroupId = await test.group(
    "ring1",
    devices.slice(0, 20).map(({ objectId }) => objectId),
  );
  test.pass(60);
  const named = { groupId: "contoso", groupName: "Contoso", ringName: "Ring1", entraGroupId };
  const policyId = await ensurePolicy(graph, updateRingArea, desiredUpdateRing(named, settings({})));
  const ring: RingTarget = { ...named, updateRingPolicyId: policyId, hotpatch: false };
  return { test, tokens, graph, devices, ring, tag: tagOf(ring, RELEASE) };
}

/** Settings of an update ring; what is not given are those of Ring2. */
export function settings(ring: Partial<RingSettings>) {
  const ring2 = { qualityDeferralDays: 5, qualityDeadlineDays: 2, gracePeriodDays: 2 };
  return { ring: ringSettingsSchema.parse({ ...ring2, ...ring }), common: commonSettingsSchema.parse({}) };
}

/** Repeats a step as the orchestration does: after any retryable error, once domain time has passed. */
export async function persistently<T>(test: TestTenant, step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (!(error as { retryable?: boolean }).retryable || attempt === 40) throw error;
      test.pass(60);
    }
  }
}

/** An offering whose every step is repeated until it settles. */
export async function persistentOffering(test: TestTenant, graph: Parameters<typeof offering>[0]): Promise<Offering> {
  const service = await persistently(test, () => offering(graph));
  return new Proxy(service, {
    get(target, name: keyof Offering) {
      const value: unknown = target[name];
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => persistently(test, async () => value.apply(target, args) as Promise<unknown>);
    },
  });
}

function tokensOf(test: TestTenant) {
  const { clientId, clientSecret } = test.tenant.credentials;
  const ask = () => test.askToken({ client_id: clientId, client_secret: clientSecret });
  let current: Promise<string> | undefined;
  return {
    token: () => {
      current ??= ask().then(({ json }) => String(json.access_token));
      return current;
    },
    renew: () => {
      current = undefined;
    },
  };
}

function fetchOver(test: TestTenant): Fetch {
  return async (url, { method = "GET", headers, body }) => {
    const { pathname, search } = new URL(url);
    const text = typeof body === "string" ? body : "";
    const given = Object.fromEntries(new Headers(headers).entries());
    const answer = await test.send(method, pathname + search, text, given);
    const known = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) if (typeof value === "string") known.set(name, value);
    return new Response(answer.text === "" ? null : answer.text, { status: answer.status, headers: known });
  };
}
