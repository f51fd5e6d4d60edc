import { connect, type Socket } from "node:net";
import { jsonLines, sendLine } from "./json-lines.js";
import { turnOf } from "./turn.js";
import { VirtualClock } from "./virtual-clock.js";

/** What a linked process tells about itself. */
export interface LinkedProcess {
  /** True when nothing runs and nothing is unsaved; timers waiting in the clock do not count. */
  idle(): boolean;
  /** A counter that grows with everything the process does. */
  activity(): number;
  /** Figures for the costs of a run; any JSON. */
  stats(): unknown;
}

/** A clock in this process that the world's timeline moves. */
export interface LinkedClock extends VirtualClock {
  /** From now on the timeline may ask whether this process is quiet and move its clock. */
  serve(process: LinkedProcess): void;
  /** Resolves when the world is gone: nothing can move this clock any more. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Turns of the event loop in which nothing happened before a process calls itself quiet. */
const QUIET_TURNS = 3;

/**
 * Joins the world's timeline at `address` (`host:port`). Resolves once the world has told the time.
 * Rejects when nobody answers there.
 */
export function connectClock(address: string): Promise<LinkedClock> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at);
  const port = Number(address.slice(at + 1));
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let clock: Follower | undefined;
    socket.once("error", (error) => {
      if (clock === undefined) reject(new Error(`No timeline answers at ${address}: ${error.message}`));
    });
    jsonLines(socket, (message) => {
      if (clock === undefined) {
        if (message.type !== "hello") return;
        clock = new Follower(Number(message.now), socket);
        resolve(clock);
        return;
      }
      clock.receive(message);
    });
  });
}

class Follower extends VirtualClock implements LinkedClock {
  readonly #socket: Socket;
  #process: LinkedProcess | undefined;
  readonly closed: Promise<void>;

  constructor(start: number, socket: Socket) {
    super(start);
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  serve(process: LinkedProcess): void {
    this.#process = process;
    sendLine(this.#socket, { type: "ready" });
  }

  close(): void {
    this.#socket.end();
  }

  receive(message: Record<string, unknown>): void {
    if (message.type === "advance") this.advance(Number(message.to));
    if (message.type === "quiet") void this.#answerWhenQuiet(message.id);
  }

  async #answerWhenQuiet(id: unknown): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    let before = process.activity();
    for (let turns = 0; turns < QUIET_TURNS; ) {
      await turnOf(turns > 0 || process.idle());
      const now = process.activity();
      turns = process.idle() && now === before ? turns + 1 : 0;
      before = now;
    }
    sendLine(this.#socket, { type: "quiet", id, due: this.nextDue() ?? null, stats: process.stats() });
  }
}
