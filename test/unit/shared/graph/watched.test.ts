import { describe, expect, it } from "vitest";
import { z } from "zod";
import { watched } from "../../../../shared/graph/watched.js";
import { type Exchange, errorBody, script } from "./scripted.js";

const wrote = async (exchange: Exchange) => {
  const { graph, hasWritten } = watched(script(exchange).graph);
  await Promise.allSettled([graph.post("/groups", {})]);
  return hasWritten();
};
const failing = (status: number): Exchange => ({ on: "POST /beta/groups", status, body: errorBody("x") });

describe("a watched Graph", () => {
  it("has not written when it only read", async () => {
    const { graph, hasWritten } = watched(script({ on: "GET /beta/groups", body: {} }).graph);
    await graph.get("/groups", { schema: z.unknown() });
    expect(hasWritten()).toBe(false);
  });

  it("has written when Graph accepted a write", async () => {
    expect(await wrote({ on: "POST /beta/groups", status: 201, body: { id: "1" } })).toBe(true);
  });

  it("has written when the answer was lost, for the write may have been carried out", async () => {
    expect(await wrote(failing(503))).toBe(true);
  });

  it.each([400, 403, 429])("has not written when Graph refused with %i", async (status) => {
    expect(await wrote(failing(status))).toBe(false);
  });
});
