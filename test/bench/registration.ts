import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startAzurite } from "../../infra/local/azurite.js";
import { Tenant } from "../../infra/local/tenant/index.js";
import { VirtualClock } from "../../infra/local/time/virtual-clock.js";
import { built } from "../../infra/local/world/app-root.js";
import { tenantDevice } from "../support/tenant-device.js";
import { type Benchmark, figure } from "./benchmark.js";
import type { RegistrationRun } from "./registration-run.js";

const DEVICES = 10_000;
const START = Date.parse("2024-06-03T08:00:00Z");

export const registration: Benchmark = {
  name: "registration",
  about: "devices found, checked and put into rings by one discovery; calls to Graph by kind",
  async run({ seed, progress }) {
    const dir = mkdtempSync(join(tmpdir(), "ringmaster-bench-"));
    const azurite = await startAzurite({ dir });
    const tenant = await Tenant.start({ clock: new VirtualClock(START), dir, persist: false, seed });
    try {
      const devices = Array.from({ length: DEVICES }, (_, n) =>
        tenantDevice(n, { lastSyncDateTime: new Date(START).toISOString() }),
      );
      tenant.addDevices(devices);
      progress(`one discovery of ${DEVICES} devices, another one in which nothing changes, and an idle hour`);
      const { tenantId, clientId, clientSecret } = tenant.credentials;
      const run = await measured(
        {
          AzureWebJobsStorage: azurite.connectionString,
          GRAPH_BASE_URL: tenant.graphUrl,
          GRAPH_AUTHORITY: tenant.authorityUrl,
          TENANT_ID: tenantId,
          GRAPH_CLIENT_ID: clientId,
          GRAPH_CLIENT_SECRET: clientSecret,
          NODE_EXTRA_CA_CERTS: tenant.caFile,
        },
        [String(azurite.ports.table), String(START), ...devices.map(({ objectId }) => objectId)],
      );
      return result(run, seed);
    } finally {
      await tenant.stop();
      await azurite.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

/** The app's side in a process of its own, as the host is: it has to trust the tenant's certificate authority. */
async function measured(env: Readonly<Record<string, string>>, input: readonly string[]): Promise<RegistrationRun> {
  const child = spawn(process.execPath, [built("test/bench/registration-run.ts")], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(input.join("\n"));
  return JSON.parse(await text(child.stdout)) as RegistrationRun;
}

function result({ seconds, calls, transactions, again, idle, sizes }: RegistrationRun, seed: number) {
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const limit = DEVICES / 20;
  return {
    model: [
      "one Autopatch group with a pool of every device; nothing is registered before",
      "survey and filling of rings as the orchestration calls them, over HTTPS to the tenant emulator and to Azurite",
    ],
    parameters: { devices: DEVICES, rings: sizes.join("/"), seed },
    figures: [
      figure("discovery", DEVICES / seconds, "devices/s"),
      figure("calls to Graph", total, "", { text: `less than one per 20 devices (${limit})`, met: total < limit }),
      ...Object.entries(calls).map(([kind, count]) => figure(`  ${kind}`, count, "")),
      figure("storage transactions", transactions, ""),
      figure("calls when nothing changed", again, ""),
      figure("calls of an idle hour", idle.calls, "", { text: "1", met: idle.calls === 1 }),
      figure("storage of an idle hour", idle.transactions, "", { text: "0", met: idle.transactions === 0 }),
    ],
  };
}
