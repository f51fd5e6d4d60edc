import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Assignment } from "../../shared/access/assignments.js";
import type { AuditEntry } from "../../shared/audit/audit.js";
import type { StoredGroup } from "../../shared/groups/store.js";
import { call } from "../support/api.js";
import { callWithToken, Person } from "../support/people.js";
import { runTo, startWorld, type World } from "../support/world.js";

const GROUP = "/groups/workforce";

let world: World;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T16:00Z", devices: 8 });
  await runTo(world, "2024-06-11T17:00Z");
});
afterAll(() => world?.stop());

const person = (name: string, ...roles: string[]) => new Person(world, name, roles);
const group = async () => (await call<StoredGroup>(world, "GET", GROUP)).body;
/** The group as it is, to be sent again with a description of one's own. */
async function edited(description?: string): Promise<object> {
  const { definition, bindings } = await group();
  return { definition: { ...definition, ...(description === undefined ? {} : { description }) }, bindings };
}
const releaseId = async () => (await world.api.get<{ value: { id: string }[] }>("/releases")).value[0]?.id ?? "";
const assignmentOf = (somebody: Person) => `/roles/assignments/${somebody.oid}`;
const assign = (somebody: Person, grant: unknown) => call(world, "PUT", assignmentOf(somebody), grant);

describe("A Reader", () => {
  it("row 46: reads groups and releases", async () => {
    const reader = person("Rita", "Reader");
    const [read, list] = [await reader.call<StoredGroup>("GET", GROUP), await reader.call("GET", "/releases")];
    expect([read.status, read.body.id, list.status]).toEqual([200, "workforce", 200]);
  });

  it("row 46: cannot change a group, which stays as it is", async () => {
    const before = await group();
    const { status, body } = await person("Rita", "Reader").call("PUT", GROUP, await edited("Changed by a Reader"));
    expect([status, body.code]).toEqual([403, "forbidden"]);
    expect(await group()).toEqual(before);
  });

  it.each(["pause", "rollback", "cancel"])("row 46: cannot %s a release, an Operator can pause it", async (what) => {
    const path = `/releases/${await releaseId()}`;
    const { status, body } = await person("Rita", "Reader").call("POST", `${path}/${what}`, {});
    expect([status, body.code]).toEqual([403, "forbidden"]);
    expect(body.detail).toContain("needs the role Operator");
    if (what === "pause") expect((await person("Otto", "Operator").call("POST", `${path}/pause`, {})).status).toBe(202);
  });

  it("row 46: is told what is missing, and an Autopatch Reader is one too", async () => {
    const { status, body } = await person("Ria", "WindowsAutopatchReader").call("PUT", GROUP, await edited());
    expect([status, body.code]).toEqual([403, "forbidden"]);
    expect(body.detail).toContain("Ask an administrator");
    expect((await person("Ria", "WindowsAutopatchReader").call("GET", GROUP)).status).toBe(200);
  });
});

describe("An Autopatch Administrator", () => {
  it("row 46: changes a group, and the audit log names him", async () => {
    const anna = person("Anna", "WindowsAutopatchAdministrator");
    expect((await anna.call("PUT", GROUP, await edited("Changed by Anna"))).status).toBe(200);
    expect((await group()).definition.description).toBe("Changed by Anna");
    const { value } = await world.api.get<{ value: AuditEntry[] }>("/audit?month=2024-06&top=1000");
    expect(value.filter(({ actor }) => actor.id === anna.oid)).toMatchObject([
      { actor: { name: "Anna" }, action: "group.update", target: "group/workforce" },
    ]);
  });

  it("row 46: cannot give himself a role over policies, an Intune Service Administrator can give it", async () => {
    const anna = person("Anna", "WindowsAutopatchAdministrator");
    const grant = { role: "PolicyAndProfileManager" };
    const own = await anna.call("PUT", assignmentOf(anna), grant);
    expect([own.status, own.body.code, own.body.field]).toEqual([403, "forbidden", "role"]);
    expect((await call(world, "GET", assignmentOf(anna))).status).toBe(404);
    const iris = person("Iris", "IntuneServiceAdministrator");
    const paul = person("Paul");
    expect((await iris.call("PUT", assignmentOf(paul), grant)).status).toBe(201);
  });
});

describe("Roles assigned here", () => {
  it("row 46: a person without any role is refused, with one he may do what it allows, without it nothing again", async () => {
    const nina = person("Nina");
    const refused = await nina.call("GET", GROUP);
    expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
    expect(refused.body.detail).toContain("Ask an administrator");
    expect((await assign(nina, { role: "Reader" })).status).toBe(201);
    expect((await nina.call("GET", GROUP)).status).toBe(200);
    expect((await nina.call("PUT", GROUP, await edited())).status).toBe(403);
    expect((await assign(nina, { role: "Administrator" })).status).toBe(200);
    expect((await nina.call("PUT", GROUP, await edited())).status).toBe(200);
    expect((await call(world, "DELETE", assignmentOf(nina))).status).toBe(204);
    expect((await nina.call("GET", GROUP)).status).toBe(403);
  });

  it("row 46: an unknown role and an id that is none are refused by name", async () => {
    const odd = await assign(person("Nina"), { role: "Owner" });
    expect([odd.status, odd.body.field]).toEqual([400, "role"]);
    const nobody = await call(world, "PUT", "/roles/assignments/nina", { role: "Reader" });
    expect([nobody.status, nobody.body.field]).toEqual([400, "oid"]);
  });

  it("row 15: an assignment takes 100 scope tags and refuses 101", async () => {
    const tags = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
    const sam = person("Sam");
    expect((await assign(sam, { role: "Reader", scopeTagIds: tags(100) })).status).toBe(201);
    const more = await assign(sam, { role: "Reader", scopeTagIds: tags(101) });
    expect([more.status, more.body.field]).toEqual([400, "scopeTagIds"]);
    const kept = await call<Assignment>(world, "GET", assignmentOf(sam));
    expect(kept.body.scopeTagIds).toHaveLength(100);
  });
});

describe("A scoped admin", () => {
  it("row 14: meets only groups that carry one of his tags, and their releases", async () => {
    const [mine, foreign] = [person("Stella", "Administrator"), person("Frieda", "Administrator")];
    await assign(mine, { role: "Administrator", scopeTagIds: ["0", "7"] });
    await assign(foreign, { role: "Administrator", scopeTagIds: ["7"] });
    const release = `/releases/${await releaseId()}`;
    for (const path of [GROUP, release]) {
      expect((await mine.call("GET", path)).status).toBe(200);
      const hidden = await foreign.call("GET", path);
      expect([hidden.status, hidden.body.code]).toEqual([404, "not_found"]);
    }
    for (const [somebody, count] of [
      [mine, 1],
      [foreign, 0],
    ] as const) {
      expect((await somebody.call<{ value: unknown[] }>("GET", "/releases")).body.value).toHaveLength(count);
    }
    expect((await foreign.call("POST", `${release}/resume`, {})).status).toBe(404);
    expect((await foreign.call("PUT", GROUP, await edited())).status).toBe(404);
  });

  it("row 14: cannot free himself of his tags", async () => {
    const stella = person("Stella", "Administrator");
    const { status, body } = await stella.call("PUT", assignmentOf(stella), { role: "Administrator" });
    expect([status, body.code]).toEqual([403, "forbidden"]);
    expect((await stella.call("DELETE", assignmentOf(stella))).status).toBe(403);
  });
});

describe("A token", () => {
  const ada = { oid: "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6e", name: "Ada", roles: ["Administrator"] };
  const answer = (token: string) => callWithToken(world, token, "GET", GROUP);

  it("row 46: of the tenant for this API is taken", async () => {
    expect((await answer(world.tenant.token(ada))).status).toBe(200);
  });

  it.each([
    ["that has expired", { lifetimeSeconds: -120 }],
    ["for another API", { audience: "https://graph.microsoft.com" }],
  ])("row 46: %s is refused", async (_what, claims) => {
    const { status, body } = await answer(world.tenant.token({ ...ada, ...claims }));
    expect([status, body.code]).toEqual([401, "unauthenticated"]);
  });

  it("row 46: whose roles were changed by hand is refused", async () => {
    const [header, payload = "", signature] = world.tenant.token({ ...ada, roles: ["Reader"] }).split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, roles: ["Administrator"] })).toString("base64url");
    expect((await answer(`${header}.${forged}.${signature}`)).status).toBe(401);
  });
});
