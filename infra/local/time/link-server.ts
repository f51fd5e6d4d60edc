import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { jsonLines, sendLine } from "./json-lines.js";
import type { Participant } from "./timeline.js";

/**
 * The world's end of the link: one process at a time follows the timeline. While none is connected and ready, the
 * participant is not quiet, so time stands still as long as the host is down.
 */
export class LinkServer implements Participant {
  readonly #server: Server;
  readonly #now: () => number;
  #socket: Socket | undefined;
  #ready = false;
  #asked = 0;
  #activity = 0;
  #waiting: { id: number; resolve: (due: number | undefined) => void } | undefined;
  #stats: unknown;

  private constructor(now: () => number) {
    this.#now = now;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async listen(now: () => number, port = 0): Promise<LinkServer> {
    const link = new LinkServer(now);
    await new Promise<void>((resolve, reject) => {
      link.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    return link;
  }

  /** Where the other process connects, `127.0.0.1:PORT`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The last figures the linked process gave. */
  get stats(): unknown {
    return this.#stats;
  }

  get connected(): boolean {
    return this.#ready;
  }

  activity(): number {
    return this.#activity;
  }

  async quiet(): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.#waiting = { id: ++this.#asked, resolve };
      this.#ask();
    });
  }

  advance(to: number): void {
    if (this.#socket !== undefined) sendLine(this.#socket, { type: "advance", to });
  }

  async close(): Promise<void> {
    this.#waiting?.resolve(undefined);
    this.#socket?.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    this.#ready = false;
    this.#activity++;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#ready = false;
      this.#activity++;
    });
    jsonLines(socket, (message) => this.#receive(message));
    sendLine(socket, { type: "hello", now: this.#now() });
  }

  #receive(message: Record<string, unknown>): void {
    if (message.type === "ready") {
      this.#ready = true;
      this.#ask();
      return;
    }
    const waiting = this.#waiting;
    if (message.type !== "quiet" || waiting === undefined || message.id !== waiting.id) return;
    this.#waiting = undefined;
    this.#stats = message.stats;
    const due = message.due;
    waiting.resolve(typeof due === "number" ? due : undefined);
  }

  /** Repeated when a process (re)connects, so that a question asked of a dead one is answered by its successor. */
  #ask(): void {
    if (this.#ready && this.#socket !== undefined && this.#waiting !== undefined) {
      sendLine(this.#socket, { type: "quiet", id: this.#waiting.id });
    }
  }
}
