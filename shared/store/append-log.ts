import type { z } from "zod";
import { AppError } from "../errors.js";
import { documents } from "./documents.js";
import { type Table, timeKey } from "./table.js";

export interface LogRecord<T> {
  /** Sortable by time, unique in its stream. */
  readonly id: string;
  readonly body: T;
}

export interface AppendLog<T> {
  /**
   * Adds a record that nobody changes afterwards. The same (at, name) twice is the same record: an activity that runs
   * again adds nothing.
   * @param at domain time, ms
   * @param name tells records of the same instant apart; deterministic, e.g. an action's id
   */
  append(stream: string, at: number, name: string, body: T): Promise<string>;
  /** Records of a stream, oldest first. `from` and `until` (exclusive) are domain times in ms. */
  read(stream: string, range?: { from?: number; until?: number }): AsyncIterable<LogRecord<T>>;
}

/** Append-only streams (audit, gate decisions): row keys sort by time, 13 digits of milliseconds and the name. */
export function appendLog<T>(table: Table, schema: z.core.$ZodType<T>): AppendLog<T> {
  const store = documents(table, schema);
  return {
    async append(stream, at, name, body) {
      const id = `${timeKey(at)} ${name}`;
      try {
        await store.insert(stream, id, body);
      } catch (error) {
        if (!(error instanceof AppError && error.code === "conflict")) throw error;
      }
      return id;
    },
    async *read(stream, { from, until } = {}) {
      const range = {
        ...(from === undefined ? {} : { from: timeKey(from) }),
        ...(until === undefined ? {} : { before: timeKey(until) }),
      };
      for await (const { id, body } of store.all(stream, range)) yield { id, body };
    },
  };
}
