import type { DurableStore, FunctionInvoker } from "../../../../../infra/local/durable/index.js";
import { AppError } from "../../../../../shared/errors.js";
import { FaultyStore } from "./faulty-store.js";
import { Hub } from "./hub.js";

export interface Result {
  readonly output: unknown;
  readonly total: string | null | undefined;
  readonly other: string | null | undefined;
  readonly unfinished: string[];
  readonly calls: number;
}

/** Runs the journey to its end, reviving the store and restarting the engine whenever the store has died. */
export async function journey(
  inner: DurableStore,
  invoker: FunctionInvoker,
  diesAt: readonly number[],
  when: "before" | "after",
): Promise<Result> {
  const faulty = new FaultyStore(inner, diesAt, when);
  const hub = new Hub(faulty.store, invoker);
  hub.broken = () => faulty.dead;
  await hub.engine.start();
  const recover = async () => {
    while (faulty.dead) {
      faulty.revive();
      // A recovery that meets a dead store waits for it; a crash does not let it.
      await Promise.race([hub.restart().catch(() => undefined), faulty.death()]);
    }
  };
  const insist = async (call: () => Promise<unknown>) => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof AppError && error.code === "conflict") return undefined;
        if (!faulty.dead) throw error;
        await recover();
      }
    }
  };
  await insist(() => hub.start("journey", { round: 0 }, "j"));
  await insist(() => hub.raise("j", "Late", 5000));
  await insist(() => hub.raise("j", "Early", 1000));
  for (let i = 0; i < 10; i++) {
    await hub.run();
    await recover();
  }
  const { api } = hub.engine;
  const { calls } = faulty;
  const result = {
    output: await hub.outputOf("j"),
    total: await api.readEntity("Counter", "jtotal"),
    other: await api.readEntity("Counter", "jB"),
    unfinished: hub.engine.registry
      .rows()
      .filter((row) => !row.id.startsWith("@") && row.status !== "Completed")
      .map((row) => `${row.id} ${row.status}`),
    calls,
  };
  hub.engine.crash();
  return result;
}

/** What every run must come to, however often it is interrupted. */
export const OUTCOME = { output: { sum: 6111, b: -110 }, total: "6111", other: "-110", unfinished: [] };
