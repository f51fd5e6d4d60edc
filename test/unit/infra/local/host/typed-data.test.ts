import { describe, expect, test } from "vitest";
import { decode, encode, encodeBodies, encodeBody } from "../../../../../infra/local/host/invocation/typed-data.js";

describe("typed data", () => {
  test.each([
    [{ string: "5" }, "5"],
    [{ string: "" }, ""],
    [{ json: '{"a":[1]}' }, { a: [1] }],
    [{ json: "null" }, null],
    [{ bytes: Buffer.from("x") }, Buffer.from("x")],
    [{ int: 0 }, 0],
    [{ int: "12" }, 12],
    [{ double: 1.5 }, 1.5],
    [{ collectionString: { string: ["a"] } }, ["a"]],
    [{}, undefined],
    [null, undefined],
  ])("%j carries %j", (data, value) => {
    expect(decode(data)).toEqual(value);
  });

  test.each(["text", 7, 1.25, true, { a: 1 }, [1, "two"]].map((value) => [value]))(
    "%j survives the way there and back",
    (value) => {
      expect(decode(encode(value))).toEqual(value);
    },
  );

  test("a message body of text stays text, other bytes stay bytes", () => {
    expect(encodeBody("5")).toEqual({ string: "5" });
    expect(encodeBody(Buffer.from([255]))).toEqual({ bytes: Buffer.from([255]) });
  });

  test("a batch with one binary body is a batch of bytes", () => {
    expect(encodeBodies(["a", "b"])).toEqual({ collectionString: { string: ["a", "b"] } });
    expect(encodeBodies(["a", Buffer.from([255])])).toEqual({
      collectionBytes: { bytes: [Buffer.from("a"), Buffer.from([255])] },
    });
  });
});
