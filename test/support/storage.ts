import { createHash } from "node:crypto";
import { type Azurite, connectionString, type StorageAccount, startAzurite } from "../../infra/local/azurite.js";

/** Accounts of one service; when they are used up, another one starts. */
const ACCOUNTS: readonly StorageAccount[] = Array.from({ length: 50 }, (_, place) => {
  const name = `world${place}`;
  return { name, key: createHash("sha512").update(name).digest("base64") };
});

let service: Promise<Azurite> | undefined;
let unused: StorageAccount[] = [];

/**
 * Empty storage for one world. All worlds of a worker are served by one process, each in an account of its own: to start
 * it costs as much as a day of a small world. It ends with the worker.
 */
export async function freshStorage(): Promise<Azurite> {
  if (unused.length === 0) {
    service = startAzurite({ tablesOnly: true, accounts: ACCOUNTS });
    unused = [...ACCOUNTS];
  }
  const account = unused.shift();
  const running = await service;
  if (running === undefined) throw new Error("The storage service was not started.");
  return { ...running, connectionString: connectionString(running.ports, account), stop: async () => undefined };
}
