import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestTenant } from "./support.js";

const script = fileURLToPath(new URL("fixtures/real-client.mjs", import.meta.url));

/** What the script prints. */
interface Report {
  readonly newest: { readonly shortName: string; readonly productRevisions: readonly { readonly id: string }[] };
  readonly devices: readonly string[];
  readonly removed: number;
  readonly missing: { readonly statusCode: number; readonly code: string; readonly requestId: string };
}

let test: TestTenant;
let report: Report;

beforeAll(async () => {
  test = await TestTenant.start({ at: "2024-06-12T00:00:00Z" });
  test.devices(5);
  const { authorityUrl, graphUrl, credentials, caFile } = test.tenant;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, JSON.stringify({ authorityUrl, graphUrl, credentials })],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile } },
  );
  report = JSON.parse(stdout) as Report;
});
afterAll(() => test.discard());

describe("the real Graph client with the real client-secret credential", () => {
  it("signs in and finds the newest expeditable update with its revisions", () => {
    expect(report.newest.shortName).toBe("2024.06 B");
    expect(report.newest.productRevisions.map(({ id }) => id)).toEqual(["10.0.19045.4529", "10.0.22631.3737"]);
  });

  it("follows the links to further pages", () => {
    expect(new Set(report.devices).size).toBe(5);
  });

  it("accepts an empty 204", () => {
    expect(report.removed).toBe(204);
  });

  it("reads the code and the request id of an error", () => {
    expect(report.missing).toEqual({ statusCode: 404, code: "Request_ResourceNotFound", requestId: "string" });
  });
});
