import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { built } from "../../../../infra/local/world/app-root.js";
import { GENESIS, linkOf } from "../../../../shared/audit/chain.js";

const KEY = "key of the test";
const first = { id: "1 group.update g", action: "group.update" };
const link = linkOf(GENESIS, 1, first);
const logs: Readonly<Record<string, unknown[]>> = {
  "2024-06": [{ ...first, ...link }],
  "2024-07": [{ ...first, action: "group.delete", ...link }],
  "2024-08": [],
};

/** What the app answers to `GET /api/v1/audit`. */
const app = createServer((request, response) => {
  const url = new URL(request.url ?? "", "http://app");
  const value = logs[url.searchParams.get("month") ?? "2024-06"];
  const refused = request.headers["x-functions-key"] !== KEY || value === undefined;
  response.statusCode = refused ? 403 : 200;
  response.end(JSON.stringify(refused ? { detail: "Only Readers may." } : { value }));
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
});
afterAll(() => app.close());

/** The command as people call it. */
async function audit(...options: string[]) {
  const argv = [built("infra/local/audit-cli.ts"), "--url", url, "--key", KEY, ...options];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    return { code: 0, said: stdout.trim() };
  } catch (failure) {
    const { code, stdout, stderr } = failure as { code: number; stdout: string; stderr: string };
    return { code, said: (stdout + stderr).trim() };
  }
}

describe("the command that verifies the audit log", () => {
  it("says that a month is whole, and what to note as anchor", async () => {
    const { code, said } = await audit();
    expect([code, said]).toEqual([0, expect.stringContaining(`--anchor next time: 1:${link.hash}`)]);
    expect(await audit("--anchor", `1:${link.hash}`)).toMatchObject({ code: 0 });
    expect(JSON.parse((await audit("--json")).said)).toMatchObject({ entries: 1, broken: null });
  });

  it("says what was changed or is gone, and fails", async () => {
    const changed = {
      code: 1,
      said: expect.stringMatching(/^The audit log was changed: entry 1 \(1 group\.update g\)/),
    };
    expect(await audit("--month", "2024-07")).toEqual(changed);
    const gone = await audit("--month", "2024-08", "--anchor", `1:${link.hash}`);
    expect(gone).toMatchObject({ code: 1, said: expect.stringContaining("entries after 0 are gone") });
    expect(await audit("--month", "2024-08")).toEqual({ code: 0, said: "There are no entries in this month." });
  });

  it.each([
    [["--anchor", "7"], 2, "--anchor takes SEQ:HASH"],
    [["--url", "app"], 2, "--url takes an address"],
    [["--url", "http://127.0.0.1:9"], 1, "cannot be reached"],
    [["--key", "wrong"], 1, "The app answered 403: Only Readers may."],
  ])("refuses %j in one line", async (options, code, line) => {
    const ended = await audit(...options);
    expect([ended.code, ended.said]).toEqual([code, expect.stringContaining(line)]);
    expect(ended.said.split("\n")).toHaveLength(1);
  });
});
