import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { wall } from "../../shared/wall.js";
import { TETHERED } from "./tether.js";

const require = createRequire(import.meta.url);

export interface AzuriteOptions {
  /** Directory that keeps the data; absent: the data lives in memory and ends with the process. */
  readonly dir?: string;
  /** Default: three free ports. */
  readonly ports?: AzuritePorts;
  /** Serves tables and neither blobs nor queues: it starts in about half the time. Default: everything. */
  readonly tablesOnly?: boolean;
  /** Storage accounts that it serves, each apart from the others. Default: the development account. */
  readonly accounts?: readonly StorageAccount[];
}

export interface StorageAccount {
  readonly name: string;
  /** Base64. */
  readonly key: string;
}

export interface AzuritePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

export interface Azurite {
  readonly connectionString: string;
  readonly pid: number;
  readonly ports: AzuritePorts;
  /** SIGTERM, so that everything acknowledged is written (functions-host.md §8.4); resolves when the process is gone. */
  stop(): Promise<void>;
}

export const DEFAULT_PORTS: AzuritePorts = { blob: 10_000, queue: 10_001, table: 10_002 };

const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 15_000;

/** Beside the data: which process serves it. */
const OWNER_FILE = "azurite-process.json";

interface Owner {
  readonly pid: number;
  readonly ports: AzuritePorts;
}

/**
 * Starts Azurite as a child in a process group of its own, so that a signal to the terminal's group does not reach it.
 * One that keeps nothing ends with its parent, however that ends.
 * One that outlived a killed parent and still serves `dir` is adopted instead: two on one directory would corrupt it.
 * Resolves when the table port answers; throws when it does not within 20 seconds.
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const left = options.dir === undefined ? undefined : await survivor(options.dir);
  if (left !== undefined)
    return { ...left, connectionString: connectionString(left.ports), stop: () => stopSurvivor(left) };
  const ports = options.ports ?? (await freePorts());
  if (options.dir !== undefined) mkdirSync(options.dir, { recursive: true });
  const tether = options.dir === undefined ? TETHERED : [];
  const child = spawn(process.execPath, [...tether, ...commandLine(ports, options)], {
    detached: true,
    stdio: [options.dir === undefined ? "pipe" : "ignore", "ignore", "pipe"],
    ...(options.dir === undefined ? {} : { cwd: options.dir }),
    ...(options.accounts === undefined ? {} : { env: { ...process.env, AZURITE_ACCOUNTS: listed(options.accounts) } }),
  });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2_000);
  });
  if (options.dir !== undefined && child.pid !== undefined) {
    writeFileSync(join(options.dir, OWNER_FILE), JSON.stringify({ pid: child.pid, ports } satisfies Owner));
  }
  await ready(child, ports.table, () => complaint);
  return {
    connectionString: connectionString(ports),
    pid: child.pid as number,
    ports,
    stop: () => stop(child),
  };
}

/** Ends the Azurite that a killed parent left serving `dir`, when there is one. */
export async function stopLeftAzurite(dir: string): Promise<void> {
  const left = await survivor(dir);
  if (left !== undefined) await stopSurvivor(left);
}

async function survivor(dir: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(readFileSync(join(dir, OWNER_FILE), "utf8")) as Owner;
    if (isAlive(owner.pid) && (await listens(owner.ports.table))) return owner;
  } catch {
    // No file, or one cut short: nobody is known to serve the directory.
  }
  rmSync(join(dir, OWNER_FILE), { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function stopSurvivor({ pid }: Owner): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, "SIGTERM");
  const deadline = wall.monotonic() + STOP_WITHIN_MS;
  while (isAlive(pid) && wall.monotonic() < deadline) await wall.sleep(50);
  if (isAlive(pid)) process.kill(pid, "SIGKILL");
}

/** The connection string of an account on the given ports; of the development account where none is named. */
export function connectionString(ports: AzuritePorts, account = developmentAccount()): string {
  const { name, key } = account;
  const endpoint = (kind: string, port: number) => `${kind}Endpoint=http://127.0.0.1:${port}/${name};`;
  return [
    `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${key};`,
    endpoint("Blob", ports.blob),
    endpoint("Queue", ports.queue),
    endpoint("Table", ports.table),
  ].join("");
}

/** True when something accepts connections on the port of this machine. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
}

/** The development account is public: Azurite ships it and its README prints it. */
function developmentAccount(): StorageAccount {
  const constants = require("azurite/dist/src/common/utils/constants.js") as {
    EMULATOR_ACCOUNT_NAME: string;
    EMULATOR_ACCOUNT_KEY: Buffer;
  };
  return { name: constants.EMULATOR_ACCOUNT_NAME, key: constants.EMULATOR_ACCOUNT_KEY.toString("base64") };
}

/** As Azurite reads them. */
function listed(accounts: readonly StorageAccount[]): string {
  return accounts.map(({ name, key }) => `${name}:${key}`).join(";");
}

function commandLine(ports: AzuritePorts, options: AzuriteOptions): string[] {
  const tables = ["--tablePort", String(ports.table), ...flags(options.dir)];
  if (options.tablesOnly === true) return [require.resolve("azurite/dist/src/table/main.js"), ...tables];
  const others = ["--blobPort", String(ports.blob), "--queuePort", String(ports.queue)];
  return [require.resolve("azurite/dist/src/azurite.js"), ...others, ...tables];
}

function flags(dir: string | undefined): string[] {
  return [
    "--silent",
    "--skipApiVersionCheck",
    "--disableTelemetry",
    ...(dir === undefined ? ["--inMemoryPersistence"] : ["--location", dir]),
  ];
}

async function freePorts(): Promise<AzuritePorts> {
  const [blob, queue, table] = await Promise.all([freePort(), freePort(), freePort()]);
  return { blob: blob as number, queue: queue as number, table: table as number };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function ready(child: ChildProcess, tablePort: number, complaint: () => string): Promise<void> {
  const deadline = wall.monotonic() + READY_WITHIN_MS;
  while (wall.monotonic() < deadline) {
    if (child.exitCode !== null) throw new Error(`Azurite ended at its start: ${complaint() || "no message"}`);
    if (await listens(tablePort)) return;
    await wall.sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error(
    `Azurite did not answer on port ${tablePort} within ${READY_WITHIN_MS / 1000} seconds. ${complaint()}`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const cancel = wall.after(STOP_WITHIN_MS, () => child.kill("SIGKILL"));
  await gone;
  cancel();
}
