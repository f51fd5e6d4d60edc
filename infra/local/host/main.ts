#!/usr/bin/env node
import { command, flag, text, UsageError } from "../args.js";
import { startHost } from "./host.js";
import { messageOf } from "./start-error.js";

const options = {
  app: text("directory of the function app, with host.json and package.json (required)", "DIR"),
  port: text("port to listen on; 0 takes a free one (default: local.settings.json, else 7071)", "N"),
  clock: text("follow the timeline at this address (virtual time)", "HOST:PORT"),
  seed: text("make ids the same in every run", "N"),
  auth: flag("check keys (HOST_MASTER_KEY, HOST_FUNCTION_KEY; made and printed when not set)"),
  storage: text("storage connection string, or 'memory' to keep nothing (default: AzureWebJobsStorage)", "CONNECTION"),
  location: text("where the host's own Azurite keeps its data", "DIR"),
  verbose: flag("log everything, whatever host.json says"),
};

await command("host", options, async (values) => {
  if (values.app === undefined) throw new UsageError("--app DIR is required");
  // From here on: a signal while the host starts must not leave its storage behind.
  const stopping = stopSignal();
  const host = await startHost({
    app: values.app,
    auth: values.auth,
    verbose: values.verbose,
    ...wholeNumber("port", values.port, 65_535),
    ...wholeNumber("seed", values.seed, 2 ** 32 - 1),
    ...(values.clock === undefined ? {} : { clock: clockAddress(values.clock) }),
    ...(values.storage === undefined ? {} : { storage: values.storage }),
    ...(values.location === undefined ? {} : { storageDir: values.location }),
  });
  console.log(`Functions: ${host.functions.join(", ")}`);
  if (values.auth && process.env.HOST_MASTER_KEY === undefined) console.log(`Master key: ${host.keys.master}`);
  if (values.auth && process.env.HOST_FUNCTION_KEY === undefined) console.log(`Function key: ${host.keys.function}`);
  console.log(`Host is running at ${host.url}`);
  process.on("unhandledRejection", (error) => console.error(`Unhandled rejection in the app: ${messageOf(error)}`));
  await stopping;
  await host.stop();
  return 0;
});
process.exit();

function wholeNumber<N extends string>(name: N, given: string | undefined, max: number): { [K in N]?: number } {
  if (given === undefined) return {};
  if (/^\d+$/.test(given) && Number(given) <= max) return { [name]: Number(given) } as { [K in N]?: number };
  throw new UsageError(`--${name} must be a whole number from 0 to ${max}, not '${given}'`);
}

function clockAddress(given: string): string {
  if (/^[^:]+:\d+$/.test(given)) return given;
  throw new UsageError(`--clock must be HOST:PORT, not '${given}'`);
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve();
      });
    }
  });
}
