import { describe, expect, it } from "vitest";
import { deleteGroup, ensureGroup, groupsNamed } from "../../../../shared/graph/groups.js";
import { errorBody, script } from "./scripted.js";

const spec = { uniqueName: "ringmaster-abc-wave-1", displayName: "Ringmaster abc wave 1", description: "Devices." };
const KEY = "/v1.0/groups(uniqueName='ringmaster-abc-wave-1')";
const READ = `GET ${KEY}?$select=id,displayName,createdDateTime`;
const group = { id: "g1", displayName: spec.displayName, createdDateTime: "2026-11-12T10:00:00Z" };
const absent = { on: READ, status: 404, body: errorBody("Request_ResourceNotFound") };

describe("a directory group", () => {
  it("is made by unique name, so that a repeated call cannot make a second one", async () => {
    const { graph, sent } = script(absent, { on: `PATCH ${KEY}`, status: 201, body: group }, { on: READ, body: group });
    expect(await ensureGroup(graph, spec)).toEqual({ groupId: "g1", createdAt: "2026-11-12T10:00:00Z" });
    expect(sent[1]?.headers.get("prefer")).toBe("create-if-missing");
    expect(sent[1]?.body).toEqual({
      displayName: spec.displayName,
      description: spec.description,
      mailEnabled: false,
      mailNickname: spec.uniqueName,
      securityEnabled: true,
    });
  });

  it("that exists is found without a write", async () => {
    const { graph, finished } = script({ on: READ, body: group });
    expect((await ensureGroup(graph, spec)).groupId).toBe("g1");
    finished();
  });

  it("is not yet consistent while the directory does not show it", async () => {
    const { graph } = script(absent, { on: `PATCH ${KEY}`, status: 201, body: group }, absent);
    await expect(ensureGroup(graph, spec)).rejects.toMatchObject({ code: "not_yet_consistent" });
  });

  it("that is gone already counts as deleted", async () => {
    const { graph } = script({ on: "DELETE /v1.0/groups/g1", status: 404 });
    await expect(deleteGroup(graph, "g1")).resolves.toBeUndefined();
  });

  it("found by a prefix has to carry it, whatever the service returned", async () => {
    const value = [group, { id: "g2", displayName: "Finance" }];
    const on = "GET /v1.0/groups?$filter=startswith(displayName,'Ringmaster abc ')&$select=id,displayName";
    const { graph } = script({ on, body: { value } });
    expect(await groupsNamed(graph, "Ringmaster abc ")).toEqual(["g1"]);
  });
});
