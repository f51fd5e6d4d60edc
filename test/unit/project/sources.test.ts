import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /^(functions|workflows|shared|infra)\//.test(file) && existsSync(file));
const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));

function matching(pattern: RegExp, among: (file: string) => boolean): string[] {
  return [...sources].flatMap(([file, text]) => (among(file) && pattern.test(text) ? [file] : []));
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

function importsOf(file: string): string[] {
  const text = sources.get(file) ?? "";
  return [...text.matchAll(/(?:from|import) "(\.[^"]+)"/g)].map((found) => join(dirname(file), found[1] ?? ""));
}

describe("sources", () => {
  it("read the machine's clock only where real time is meant", () => {
    const allowed = /^(shared\/(wall|clock)\.ts|infra\/local\/(host|durable|service-bus|time)\/|functions\/console\/)/;
    expect(matching(/Date\.now\(\)|new Date\(\)|setTimeout\(|setInterval\(/, (file) => !allowed.test(file))).toEqual(
      [],
    );
  });

  it("read environment variables only in the configuration", () => {
    const product = (file: string) => !file.startsWith("infra/") && file !== "shared/config.ts";
    expect(matching(/process\.env/, product)).toEqual([]);
  });

  it("draw random numbers only from seeds", () => {
    expect(matching(/Math\.random\(\)/, () => true)).toEqual([]);
  });

  it("never import the local stack from the product, nor an upper layer from a lower one", () => {
    const layers = ["shared", "workflows", "functions", "infra"];
    const layerOf = (file: string) => layers.indexOf(file.split("/")[0] ?? "");
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => layerOf(target) > layerOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keep adapters out of orchestrators", () => {
    const orchestrator = (file: string) => /^workflows\/[a-z-]+\.ts$/.test(file);
    expect(matching(/from "\.\.\/shared\/(graph|store|ledger)\/(?!index)/, orchestrator)).toEqual([]);
  });

  it("leave nothing unfinished and nothing untyped", () => {
    expect(matching(/\bTODO\b|\bFIXME\b|@ts-ignore|biome-ignore/, () => true)).toEqual([]);
    const untyped = [...sources].filter(([, text]) => /\bas any\b|: any\b/.test(withoutComments(text)));
    expect(untyped.map(([file]) => file)).toEqual([]);
  });
});
