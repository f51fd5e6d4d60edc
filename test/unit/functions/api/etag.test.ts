import { describe, expect, it } from "vitest";
import { conditional, etagOf, refuseStale } from "../../../../functions/api/etag.js";
import { headerOf, json } from "../../../../functions/api/reply.js";

const asking = (headers: Record<string, string>) => ({ headers: new Headers(headers) }) as never;
const etagOfReply = (value: unknown) => headerOf(conditional(asking({}), json(value)), "etag") ?? "";

describe("reading", () => {
  it("gives an ETag that changes with the content alone", () => {
    expect(etagOfReply({ a: 1 })).toBe(etagOfReply({ a: 1 }));
    expect(etagOfReply({ a: 1 })).not.toBe(etagOfReply({ a: 2 }));
    expect(etagOfReply({ a: 1 })).toMatch(/^"[^"]+"$/);
  });

  it.each([(etag: string) => etag, (etag: string) => `W/${etag}`, (etag: string) => `"x", ${etag}`, () => "*"])(
    "again by who has it gives 304 without the content (%#)",
    (said) => {
      const reply = conditional(asking({ "if-none-match": said(etagOfReply({ a: 1 })) }), json({ a: 1 }));
      expect([reply.status, reply.body]).toEqual([304, undefined]);
    },
  );

  it("by who has another version gives the content", () => {
    expect(conditional(asking({ "if-none-match": etagOfReply({ a: 2 }) }), json({ a: 1 })).status).toBe(200);
  });

  it("leaves refusals and the operation's own ETag as they are", () => {
    expect(headerOf(conditional(asking({}), json({}, 202)), "etag")).toBeUndefined();
    const own = { ...json({}), headers: { etag: '"own"' } };
    expect(headerOf(conditional(asking({}), own), "etag")).toBe('"own"');
  });
});

describe("a change", () => {
  const change = (ifMatch: string | undefined, current: string) =>
    refuseStale(asking(ifMatch === undefined ? {} : { "if-match": ifMatch }), () => current);

  it("goes through for who saw what there is, sees all or does not say", async () => {
    await change(etagOf("a"), etagOf("a"));
    await change("*", etagOf("a"));
    await change(undefined, etagOf("a"));
    await change(`"x", ${etagOf("a")}`, etagOf("a"));
  });

  it("is stale for who saw something else", async () => {
    await expect(change(etagOf("a"), etagOf("b"))).rejects.toMatchObject({ code: "stale" });
    await expect(change("nonsense", etagOf("b"))).rejects.toMatchObject({ code: "stale" });
  });

  it("asks for the version alone where there is one: counts move by themselves", async () => {
    await change(etagOf("10 devices", { paused: false }), etagOf("11 devices", { paused: false }));
    await expect(
      change(etagOf("10 devices", { paused: false }), etagOf("10 devices", { paused: true })),
    ).rejects.toMatchObject({ code: "stale" });
  });
});
