import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Role } from "../../../../shared/access/roles.js";
import { AppError } from "../../../../shared/errors.js";
import { operationCalls, type Replied } from "../../../support/operation-calls.js";

const tenant = vi.hoisted(() => ({ refusal: undefined as Error | undefined }));
vi.mock("../../../../shared/tenant/state.js", () => ({
  requireActiveTenant: async () => {
    if (tenant.refusal !== undefined) throw tenant.refusal;
  },
}));
const caller = vi.hoisted(() => ({ of: vi.fn() }));
vi.mock("../../../../shared/audit/audit.js", () => ({ audit: async () => undefined }));
vi.mock("../../../../shared/access/caller.js", () => ({ callerOf: caller.of }));

const call = operationCalls();
const { json, route } = await import("../../../../functions/api/route.js");
const { BUILT_IN_ROLES } = await import("../../../../shared/access/built-in-roles.js");

async function answer(
  definition: { method: "GET" | "POST" | "PUT" | "DELETE"; path?: string; role?: Role; tenant?: "any" },
  headers: Readonly<Record<string, string>> = {},
): Promise<Replied> {
  const answer = { about: "Done." };
  const whole = { name: "it", path: "things", role: "Reader", act: "do it", answer, ...definition } as const;
  route({ ...whole, run: async () => json({}) });
  return call("it", { headers });
}

const calling = (role: keyof typeof BUILT_IN_ROLES) => ({
  actor: { id: "1", name: "Ada", rights: BUILT_IN_ROLES[role], scopeTagIds: "all" },
  via: "token",
});

beforeEach(() => {
  tenant.refusal = undefined;
  caller.of.mockResolvedValue(calling("Administrator"));
});

describe("while the tenant is inactive", () => {
  beforeEach(() => {
    tenant.refusal = new AppError("tenant_inactive", "The tenant is Inactive.");
  });

  it.each(["POST", "PUT", "DELETE"] as const)("%s is refused", async (method) => {
    const { status, body } = await answer({ method });
    expect([status, body.code]).toEqual([409, "tenant_inactive"]);
  });

  it("reading goes on", async () => {
    expect((await answer({ method: "GET" })).status).toBe(200);
  });

  it.each(["POST", "PUT", "DELETE"] as const)("%s goes on where it manages the tenant", async (method) => {
    expect((await answer({ method, tenant: "any" })).status).toBe(200);
  });

  it("who may not do it is told so first", async () => {
    caller.of.mockResolvedValue(calling("Reader"));
    expect((await answer({ method: "POST", role: "Operator" })).status).toBe(403);
  });
});

describe("who calls", () => {
  it("is read from the headers", async () => {
    await answer({ method: "GET" }, { authorization: "Bearer token" });
    const [headers] = caller.of.mock.lastCall as [Headers];
    expect(headers.get("authorization")).toBe("Bearer token");
  });

  it("needs the role over what the path is about", async () => {
    caller.of.mockResolvedValue(calling("WindowsAutopatchAdministrator"));
    const write = { method: "POST", role: "Administrator" } as const;
    expect((await answer({ ...write, path: "groups" })).status).toBe(200);
    expect((await answer({ ...write, path: "policy-health/repair" })).status).toBe(403);
    expect((await answer({ method: "GET", path: "policy-health" })).status).toBe(200);
    expect((await answer({ method: "GET", path: "tenant" })).status).toBe(200);
    caller.of.mockResolvedValue(calling("PolicyAndProfileManager"));
    expect((await answer({ ...write, path: "policy-health/repair" })).status).toBe(200);
    expect((await answer({ method: "GET", path: "groups" })).status).toBe(403);
    expect((await answer({ method: "GET", path: "tenant" })).status).toBe(403);
  });

  it("with a token that does not hold is asked for another one", async () => {
    caller.of.mockRejectedValue(new AppError("unauthenticated", "The bearer token is refused."));
    const { status, headers, body } = await answer({ method: "GET" }, { authorization: "Bearer x" });
    expect([status, body.code]).toEqual([401, "unauthenticated"]);
    expect(headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  });
});
