import { describe, expect, it } from "vitest";
import { z } from "zod";
import { itemsOf, listBatch } from "../../../../shared/graph/batch-read.js";
import { errorBody, script } from "./scripted.js";

const BATCH = "POST /beta/$batch";
const page = (id: number, ids: readonly string[], next?: string) => ({
  id: String(id),
  status: 200,
  body: { value: ids.map((each) => ({ id: each })), ...(next === undefined ? {} : { "@odata.nextLink": next }) },
});
const GROUPS = { path: "/groups", query: {} };
const DEVICES = { path: "/devices", query: {} };
const NEXT = "https://graph.microsoft.com/beta/groups?$skiptoken=x";

describe("collections in one batch", () => {
  it("come in the order asked for, whatever the order of the answers", async () => {
    const { graph, sent } = script({ on: BATCH, body: { responses: [page(1, ["b"]), page(0, ["a"])] } });
    expect(await listBatch(graph, [GROUPS, { path: "/devices", query: { $top: 9 } }])).toEqual([
      [{ id: "a" }],
      [{ id: "b" }],
    ]);
    expect(sent[0]?.body).toMatchObject({
      requests: [
        { id: "0", method: "GET", url: "/groups" },
        { id: "1", method: "GET", url: "/devices?$top=9" },
      ],
    });
  });

  it("go on by their own next link", async () => {
    const first = { responses: [page(0, ["a"], NEXT), page(1, ["z"])] };
    const { graph, finished } = script(
      { on: BATCH, body: first },
      { on: "GET /beta/groups?$skiptoken=x", body: { value: [{ id: "b" }] } },
    );
    expect(await listBatch(graph, [GROUPS, DEVICES])).toEqual([[{ id: "a" }, { id: "b" }], [{ id: "z" }]]);
    finished();
  });

  it("are throttled together when one of them is, whatever else failed, for as long as that one asks", async () => {
    const throttled = { id: "1", status: 429, headers: { "Retry-After": "17" }, body: errorBody("TooManyRequests") };
    const refused = { id: "0", status: 403, body: errorBody("Forbidden") };
    const { graph } = script({ on: BATCH, body: { responses: [refused, throttled] } });
    await expect(listBatch(graph, [GROUPS, DEVICES])).rejects.toMatchObject({
      code: "throttled",
      retryAfterSeconds: 17,
    });
  });

  it("fail as an outage when a step has no answer", async () => {
    const { graph } = script({ on: BATCH, body: { responses: [page(0, [])] } });
    await expect(listBatch(graph, [GROUPS, DEVICES])).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("the items of a collection", () => {
  const collection = { path: "/groups", schema: z.object({ id: z.string() }) };

  it("are hollow or repeated for nobody", () => {
    expect(itemsOf(collection, [{ id: "a" }, null, { id: "b" }, { id: "a" }])).toEqual([{ id: "a" }, { id: "b" }]);
  });

  it("of another form are refused with the name of the field", () => {
    expect(() => itemsOf(collection, [{ id: 7 }])).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});
