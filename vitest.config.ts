import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The file that takes longest by far begins, so that it is not the one that all wait for. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const takesLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith("/workflow/simulate.test.ts");
    return [...sorted.filter(takesLongest), ...sorted.filter((file) => !takesLongest(file))];
  }
}

/** Workers beyond the number of cores use the time in which the others wait: for processes, sockets and real timers. */
const workers = (most: number, groupOrder: number) => ({
  maxWorkers: most,
  sequence: { sequencer: LongestFirst, groupOrder },
});

/**
 * Folders whose tests leave the modules they import as they were; `vi.mock` does not, and nor do the tests of
 * workflows, which take what a module registers when it is imported.
 */
const SHARING = [
  ...["acceptance-table", "bench", "shared", "verify"],
  ...["durable", "fleet", "groups-file", "service-bus", "tenant", "time", "what-if", "world", "year"].map(
    (part) => `infra/local/${part}`,
  ),
];

/** Tests that run whole worlds: each starts processes of its own, and what it imports is as it was when it ends. */
const WORLDS = ["workflow", "acceptance", "e2e"].map((folder) => `test/${folder}/**/*.test.ts`);

/** Acceptance tests without a world: they replace modules, so they share none. */
const WITHOUT_WORLD = readdirSync("test/acceptance")
  .map((name) => `test/acceptance/${name}`)
  .filter((file) => file.endsWith(".test.ts") && readFileSync(file, "utf8").includes("apiInMemory("));

/** Tests for which a host, or what stands for it, loads functions into its own process: each has a thread of its own. */
const APART = ["test/unit/infra/local/host/**/*.test.ts", "test/unit/workflows/mailbox.test.ts"];

/** Tests that may share their modules, so that a worker loads these once and not once per file. */
function sharing(): string[] {
  return SHARING.map((folder) => `test/unit/${folder}`).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => join(folder, name))
      .filter((file) => !/\bvi\.(mock|doMock|resetModules)\(/.test(readFileSync(file, "utf8"))),
  );
}

export default defineConfig({
  test: {
    pool: "forks",
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    server: { deps: { external: [/\/dist\//, /test\/fixtures\/apps\//] } },
    projects: [
      {
        extends: true,
        test: {
          ...{ name: "worlds", include: WORLDS, exclude: WITHOUT_WORLD, isolate: false, ...workers(3, 0) },
          ...{ testTimeout: 240_000, hookTimeout: 240_000 },
        },
      },
      {
        extends: true,
        test: {
          ...{
            name: "fresh",
            pool: "threads",
            isolate: false,
            setupFiles: ["test/support/fresh-modules.ts"],
            ...workers(4, 1),
          },
          include: ["test/!(workflow|acceptance|e2e)/**/*.test.ts", ...WITHOUT_WORLD],
          exclude: [...sharing(), ...APART],
        },
      },
      {
        extends: true,
        test: { name: "apart", pool: "threads", include: APART, ...workers(4, 1) },
      },
      {
        extends: true,
        test: { name: "sharing", pool: "threads", include: sharing(), isolate: false, ...workers(4, 1) },
      },
    ],
  },
});
