import { spawn } from "node:child_process";
import { built } from "../../../infra/local/world/app-root.js";
import type { Check } from "../check.js";

/** Cases of the suite that the host must pass, and that the suite itself may skip (functions-host.md §9). */
const AT_LEAST_PASSED = 40;
const AT_MOST_SKIPPED = 10;

/** The public host suite in a folder of this machine against the local host. */
export function conformance(dir: string): Check {
  return {
    name: "conformance",
    about: "the public Functions-host suite passes against the local host",
    async run({ progress }) {
      const { code, output } = await suite(dir, progress);
      const [, passed = 0, failed = 0, skipped = 0] = (
        /(\d+) passed, (\d+) failed, (\d+) skipped/.exec(output) ?? []
      ).map(Number);
      const enough = passed >= AT_LEAST_PASSED && skipped <= AT_MOST_SKIPPED;
      return {
        passed: code === 0 && enough,
        figures: { passed, failed, skipped, passedAtLeast: AT_LEAST_PASSED, skippedAtMost: AT_MOST_SKIPPED },
        complaints: code === 0 && enough ? [] : output.trim().split("\n").slice(-10),
      };
    },
  };
}

function suite(dir: string, progress: (line: string) => void): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [built("infra/local/host/conformance.ts"), dir], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        progress(text.trim().split("\n").at(-1) ?? "");
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
