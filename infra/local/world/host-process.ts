import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { wall } from "../../../shared/wall.js";
import { TETHERED } from "../tether.js";
import { appRoot } from "./app-root.js";

const MAIN = join(appRoot(), "dist/local-host.js");
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
/** Lines of the host's output kept to explain a failed start. */
const KEPT_LINES = 40;

export interface HostProcessOptions {
  readonly app: string;
  readonly port: number;
  /** Address of the timeline; absent for real time. */
  readonly clock?: string;
  readonly seed: number;
  /** Whether durable state and timers outlive the process. */
  readonly keepsDurableState: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Where the host's own output goes; absent discards it. */
  readonly onOutput?: (line: string) => void;
  /** Told when the host ends without having been asked to. */
  readonly onExit?: (reason: string) => void;
}

/** The app's host as a child process of the world: started, killed and started again. */
export class HostProcess {
  readonly #options: HostProcessOptions;
  #child: ChildProcess | undefined;
  #stopping = false;
  #starts = 0;
  #up: Promise<void> = Promise.resolve();
  #cameUp: () => void = () => undefined;
  readonly #tail: string[] = [];

  private constructor(options: HostProcessOptions) {
    this.#options = options;
  }

  static async start(options: HostProcessOptions): Promise<HostProcess> {
    const host = new HostProcess(options);
    await host.#spawn();
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often the host has been started. */
  get starts(): number {
    return this.#starts;
  }

  /** Resolves when the host answers, with the number of its starts. */
  async ready(): Promise<number> {
    await this.#up;
    return this.#starts;
  }

  /** SIGKILL, as a crash would; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#up = new Promise((resolve) => {
      this.#cameUp = resolve;
    });
    await this.#end("SIGKILL");
  }

  /** Starts again after a kill. A start that fails is also told to `onExit`, for nothing can go on without the host. */
  async restart(): Promise<void> {
    try {
      await this.#spawn();
    } catch (error) {
      this.#options.onExit?.(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#end("SIGTERM");
  }

  async #spawn(): Promise<void> {
    const { app, port, clock, seed, keepsDurableState, env } = this.#options;
    const args = [...TETHERED, MAIN, "--app", app, "--port", String(port), "--seed", String(seed), "--auth"];
    if (clock !== undefined) args.push("--clock", clock);
    if (!keepsDurableState) args.push("--storage", "memory");
    this.#stopping = false;
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => this.#note(text));
    child.once("exit", (code, signal) => {
      if (!this.#stopping && this.#child === child) {
        this.#options.onExit?.(`the host ended with ${signal ?? `code ${code}`}: ${this.#tail.slice(-5).join(" | ")}`);
      }
    });
    await this.#running(child);
    this.#starts++;
    this.#cameUp();
  }

  #note(text: string): void {
    for (const line of text.split("\n")) {
      if (line.trim() === "") continue;
      this.#tail.push(line);
      if (this.#tail.length > KEPT_LINES) this.#tail.shift();
      this.#options.onOutput?.(line);
    }
  }

  async #running(child: ChildProcess): Promise<void> {
    const until = wall.monotonic() + READY_WITHIN_MS;
    while (wall.monotonic() < until) {
      if (child.exitCode !== null || child.signalCode !== null) break;
      const response = await fetch(`${this.url}/admin/host/status`).catch(() => undefined);
      if (response?.ok) {
        const status = (await response.json()) as { state?: string };
        if (status.state === "Running") return;
      }
      await wall.sleep(40);
    }
    throw new Error(`The host did not start: ${this.#tail.slice(-8).join("\n")}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const cancel = wall.after(STOP_WITHIN_MS, () => child.kill("SIGKILL"));
    await gone;
    cancel();
  }
}
