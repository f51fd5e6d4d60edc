import { describe, expect, it } from "vitest";
import { flag, integer, oneOf, parse, text, UsageError, usage } from "../../../../infra/local/args.js";

const OPTIONS = {
  devices: integer("devices", { min: 10, max: 50, default: 20 }),
  gate: oneOf("gate", ["off", "enforce"] as const, "enforce"),
  out: text("folder", "DIR"),
  json: flag("one object"),
};

describe("arguments of local commands", () => {
  it("have their defaults when they are not given", () => {
    expect(parse([], OPTIONS)).toEqual({ devices: 20, gate: "enforce", out: undefined, json: false });
  });

  it("are read as --name value, --name=value and --flag", () => {
    const values = parse(["--devices", "30", "--gate=off", "--out", "x", "--json"], OPTIONS);
    expect(values).toEqual({ devices: 30, gate: "off", out: "x", json: true });
  });

  it.each([["10"], ["50"]])("a number at the limit, %s, is accepted", (given) => {
    expect(parse(["--devices", given], OPTIONS).devices).toBe(Number(given));
  });

  it.each([["9"], ["51"], ["20.5"], ["many"], [""], [" 20"], ["2e1"]])("'%s' is refused with the limits", (given) => {
    expect(() => parse([`--devices=${given}`], OPTIONS)).toThrow(
      new UsageError(`--devices must be a whole number from 10 to 50, not '${given}'`),
    );
  });

  it("a choice that does not exist is refused with those that do", () => {
    expect(() => parse(["--gate", "on"], OPTIONS)).toThrow(
      new UsageError("--gate must be one of off, enforce, not 'on'"),
    );
  });

  it.each([
    [["--speed", "3"], "--speed"],
    [["nominal"], "nominal"],
    [["--devices"], "--devices"],
  ])("%j is refused in one line that names it", (argv, name) => {
    const refusal = () => parse(argv, OPTIONS);
    expect(refusal).toThrow(UsageError);
    expect(refusal).toThrow(name);
    expect(refusal).not.toThrow("\n");
  });

  it("are listed in the help text with their limits and choices", () => {
    expect(usage("npm run it --", OPTIONS).split("\n")).toEqual([
      "Usage: npm run it -- [options]",
      "  --devices N            devices (10 to 50, default 20)",
      "  --gate NAME            gate (off, enforce; default enforce)",
      "  --out DIR              folder",
      "  --json                 one object",
    ]);
  });
});
