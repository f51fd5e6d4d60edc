import { wall } from "../../../../../shared/wall.js";
import type { Listening, ListenOptions } from "../service-bus.js";
import { type Arrival, Channel } from "./channel.js";
import type { Namespace } from "./connection-string.js";
import { received } from "./metadata.js";
import { keepLocked } from "./renewal.js";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** The loop behind `listen`: connect, take a batch, hand it over, settle it. */
export class Listener implements Listening {
  #channel: Channel | undefined;
  #closing = false;
  #interrupt: () => void = () => undefined;
  #done: Promise<void> = Promise.resolve();
  /** Messages received and not yet settled. */
  #inHand = 0;
  #activity = 0;
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly namespace: Namespace,
    private readonly options: ListenOptions,
  ) {}

  /** Resolves after the first attempt to connect. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#done = this.#run(resolve);
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#interrupt();
    this.#channel?.stopWaiting();
    await this.#done;
  }

  idle(): boolean {
    return this.#inHand === 0;
  }

  activity(): number {
    return this.#activity;
  }

  async #run(attempted: () => void): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#closing; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        const channel = await Channel.open(this.namespace, this.options.address, () => this.#arrived());
        this.#channel = channel;
        pause = FIRST_PAUSE_MS;
        attempted();
        await this.#receive(channel);
        await this.#allDone();
        await channel.close();
      } catch (error) {
        this.options.onError(error instanceof Error ? error : new Error(String(error)));
        attempted();
        await this.#allDone();
        // What had arrived and was not handed over is lost with the connection; the broker delivers it again.
        this.#inHand = 0;
      }
      if (!this.#closing) await this.#sleep(pause);
    }
    await this.#allDone();
  }

  /** Takes batches until the channel ends or the listener closes. */
  async #receive(channel: Channel): Promise<void> {
    while (!this.#closing) {
      const first = await channel.next();
      if (first === undefined) break;
      const batch = [first, ...(await this.#rest(channel))];
      const work = this.#work(channel, batch).finally(() => this.#running.delete(work));
      this.#running.add(work);
      while (this.#running.size >= this.options.maxConcurrent) await Promise.race(this.#running);
    }
    if (!this.#closing) throw await channel.ended;
  }

  #rest(channel: Channel): Promise<Arrival[]> {
    const { maxBatch, maxBatchWaitMs } = this.options;
    if (maxBatch <= 1 || this.#closing) return Promise.resolve([]);
    return channel.available(maxBatch - 1, maxBatchWaitMs > 0 ? wall.sleep(maxBatchWaitMs) : Promise.resolve());
  }

  async #work(channel: Channel, batch: readonly Arrival[]): Promise<void> {
    const outcome = this.#closing ? "release" : await this.#handle(channel, batch);
    const settled = await Promise.allSettled(
      outcome === "keep" ? [] : batch.map((one) => channel.settle(one, outcome)),
    );
    this.#inHand -= batch.length;
    this.#activity += batch.length;
    const failure = settled.find((one) => one.status === "rejected");
    if (failure !== undefined) this.options.onError(failure.reason);
  }

  async #handle(channel: Channel, batch: readonly Arrival[]): Promise<"complete" | "abandon" | "keep"> {
    const [only] = batch;
    const stopRenewing = this.options.cardinality === "one" && only ? keepLocked(channel, only) : () => undefined;
    try {
      await this.options.handle(batch.map(({ message, delivery }) => received(message, delivery)));
      return this.options.autoComplete ? "complete" : "keep";
    } catch {
      return "abandon";
    } finally {
      stopRenewing();
    }
  }

  #arrived(): void {
    this.#inHand++;
    this.#activity++;
  }

  async #allDone(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = wall.after(ms, resolve);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
    });
  }
}
