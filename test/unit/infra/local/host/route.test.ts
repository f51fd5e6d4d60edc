import { describe, expect, test } from "vitest";
import { compileRoute } from "../../../../../infra/local/host/http/route.js";

const match = (template: string, path: string) => compileRoute(template)(path);

describe("route templates", () => {
  test.each([
    ["api/things", "API/Things/", {}],
    ["{id}", "a%20b", { id: "a b" }],
    ["{id?}", "", {}],
    ["a/{id?}", "a", {}],
    ["a/{id?}", "a/1", { id: "1" }],
    ["a/{id=7}", "a", { id: "7" }],
    ["a/{id=7}", "a/8", { id: "8" }],
    ["a/{id:int?}", "a/5", { id: "5" }],
    ["{*rest}", "x/y%2Fz/w", { rest: "x/y/z/w" }],
    ["a/{*rest}", "a", {}],
    ["files/{name}.{ext}", "files/report.pdf", { name: "report", ext: "pdf" }],
    ["{d:datetime}", "2026-01-01", { d: "2026-01-01" }],
    ["{c:length(2):alpha}", "DE", { c: "DE" }],
    ["{c:regex(^\\d{{3}}-(a|b)$)}", "123-b", { c: "123-b" }],
    ["{n:range(1,10)}/{m:min(3)}", "10/3", { n: "10", m: "3" }],
    ["", "", {}],
  ])("%s matches %s", (template, path, params) => {
    expect(match(template, path)).toEqual(params);
  });

  test.each([
    ["a", "a/b"],
    ["a/{id}", "a"],
    ["a/{id:int}", "a/x"],
    ["a/{id:int}", "a/3000000000"],
    ["{g:guid}", "0000"],
    ["{b:bool}", "yes"],
    ["{l:maxlength(3)}", "four"],
    ["{n:range(1,10)}", "11"],
    ["{x:decimal}", "1.2.3"],
    ["{l:long}", "9223372036854775808"],
  ])("%s does not match %s", (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });

  test.each([
    ["a/{id", "braces do not match"],
    ["a/{id:unheard}", 'constraint "unheard" is unknown'],
    ["{*rest}/b", "a catch-all parameter must be the last segment"],
    ["{n:min(x)}", 'constraint "min" needs numbers'],
    ["{ 1 }", "is no parameter"],
  ])("%s is refused: %s", (template, problem) => {
    expect(() => compileRoute(template)).toThrow(problem);
  });
});
