import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { wall } from "../../../shared/wall.js";

/** Says which process has the folder. */
export const LOCK = "running.json";
const ANSWER_WITHIN_MS = 2_000;

interface Holder {
  readonly pid: number;
  readonly port: number;
  /** What the holder says on its port: a process id alone may have gone to somebody else. */
  readonly nonce: string;
}

/**
 * Takes a folder for this process; the function returned gives it back. What a killed process left is taken over.
 * Throws when a process that runs has it.
 */
export async function lockFolder(dir: string): Promise<() => void> {
  const nonce = randomUUID();
  const server = createServer((socket) => socket.on("error", () => undefined).end(nonce));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  server.unref();
  const file = join(dir, LOCK);
  try {
    const holder = holderOf(file);
    if (holder !== undefined && (await says(holder))) {
      throw new Error(
        `Process ${holder.pid} already runs the system in ${dir}. Stop it first, or begin another one with --state DIR --port N.`,
      );
    }
    rmSync(file, { force: true });
    write(file, { pid: process.pid, port: (server.address() as AddressInfo).port, nonce });
  } catch (error) {
    server.close();
    throw error;
  }
  return () => {
    server.close();
    if (holderOf(file)?.nonce === nonce) rmSync(file, { force: true });
  };
}

/** Exclusive, so that of two that start at once only one goes on. */
function write(file: string, holder: Holder): void {
  const handle = openSync(file, "wx", 0o600);
  writeSync(handle, JSON.stringify(holder));
  closeSync(handle);
}

function holderOf(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    // No file, or one cut short by a kill: nobody holds the folder.
    return undefined;
  }
}

function says({ port, nonce }: Holder): Promise<boolean> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    const cancel = wall.after(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.on("data", (text: string) => {
      heard += text;
    });
    socket
      .on("error", () => undefined)
      .on("close", () => {
        cancel();
        resolve(heard === nonce);
      });
  });
}
