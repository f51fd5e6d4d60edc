import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that run whole worlds take longest by far: they begin, so that the small ones fill what time they leave. */
class WorldsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const runsWorld = ({ moduleId }: TestSpecification) => /\/test\/(workflow|acceptance|e2e)\//.test(moduleId);
    return [...sorted.filter(runsWorld), ...sorted.filter((file) => !runsWorld(file))];
  }
}

/** Folders whose tests leave the modules they import as they were; `vi.mock` does not. */
const SHARING = [
  ...["acceptance-table", "bench", "shared", "verify"],
  ...["durable", "fleet", "groups-file", "service-bus", "tenant", "time", "what-if", "world"].map(
    (part) => `infra/local/${part}`,
  ),
];

/** Tests that run whole worlds: each starts processes of its own, and what it imports is as it was when it ends. */
const WORLDS = ["workflow", "acceptance", "e2e"].map((folder) => `test/${folder}/**/*.test.ts`);

/** Acceptance tests that call operations in memory: they mock modules, which the tests with worlds load as they are. */
const IN_MEMORY = readdirSync("test/acceptance", { encoding: "utf8" })
  .map((name) => join("test/acceptance", name))
  .filter((file) => file.endsWith(".test.ts") && readFileSync(file, "utf8").includes("apiInMemory("));

/** Tests that may share their modules, so that a worker loads these once and not once per file. */
function sharing(): string[] {
  return SHARING.map((folder) => `test/unit/${folder}`).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => join(folder, name))
      .filter((file) => !readFileSync(file, "utf8").includes("vi.mock(")),
  );
}

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: WorldsFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    server: { deps: { external: [/\/dist\//, /test\/fixtures\/apps\//] } },
    projects: [
      {
        extends: true,
        test: {
          ...{ name: "worlds", include: WORLDS, exclude: IN_MEMORY },
          ...{ isolate: false, testTimeout: 240_000, hookTimeout: 240_000 },
        },
      },
      {
        extends: true,
        test: { name: "apart", pool: "threads", include: ["test/**/*.test.ts"], exclude: [...WORLDS, ...sharing()] },
      },
      {
        extends: true,
        test: { name: "in memory", pool: "threads", include: IN_MEMORY },
      },
      { extends: true, test: { name: "sharing", include: sharing(), isolate: false } },
    ],
  },
});
