import { joinText, splitText } from "../store/long-text.js";
import type { Values } from "../store/table.js";
import { unpackLog } from "./log.js";
import { type LedgerRow, NO_WAVE, outcome, stateOf } from "./row.js";
import { isFailure } from "./state.js";

/**
 * Devices of a shard are stored in pages, a few dozen to a table row: a shard of 2,000 devices is read with one request,
 * a batch writes fewer rows, and tables stay small. A line per device: id, ring, wave, time of the offer, holds, log.
 */
export class Page {
  /** Packed lines by device; read only for the devices that somebody asks for. */
  readonly #lines: Map<string, string>;

  constructor(lines = new Map<string, string>()) {
    this.#lines = lines;
  }

  static fromValues(values: Values): Page {
    const text = joinText("devices", values) ?? "";
    const lines = text === "" ? [] : text.split("\n");
    return new Page(new Map(lines.map((line) => [line.slice(0, line.indexOf("|")), line])));
  }

  /** `failures` counts the failed and rolled-back devices, so that they can be found without reading the rest. */
  toValues(): Values {
    let failures = 0;
    for (const line of this.#lines.values()) if (line.endsWith("!")) failures++;
    return { ...splitText("devices", [...this.#lines.values()].join("\n")), failures };
  }

  has(deviceId: string): boolean {
    return this.#lines.has(deviceId);
  }

  get(deviceId: string): LedgerRow | undefined {
    const line = this.#lines.get(deviceId);
    return line === undefined ? undefined : decodeRow(line);
  }

  /** A copy with some devices changed or added. */
  with(changes: Iterable<{ readonly deviceId: string; readonly after: LedgerRow }>): Page {
    const lines = new Map(this.#lines);
    for (const { deviceId, after } of changes) lines.set(deviceId, encodeRow(deviceId, after));
    return new Page(lines);
  }

  *rows(): Generator<[string, LedgerRow]> {
    for (const [deviceId, line] of this.#lines) yield [deviceId, decodeRow(line)];
  }
}

function hasFailed(row: LedgerRow): boolean {
  return isFailure(stateOf(row, outcome(unpackLog(row.log))));
}

/** A failure ends with an exclamation mark. */
function encodeRow(deviceId: string, row: LedgerRow): string {
  const { ring, wave, offeredAt, holds, log } = row;
  const mark = hasFailed(row) ? "|!" : "";
  const offer = wave === NO_WAVE ? "|" : `${wave}|${Date.parse(offeredAt).toString(36)}`;
  return `${deviceId}|${encodeURIComponent(ring)}|${offer}|${holds.map(encodeURIComponent).join("&")}|${log}${mark}`;
}

function decodeRow(line: string): LedgerRow {
  const [, ring = "", wave = "", offeredAt = "", holds = "", log = ""] = line.split("|");
  const offer =
    wave === ""
      ? { wave: NO_WAVE, offeredAt: "" }
      : { wave: Number(wave), offeredAt: new Date(Number.parseInt(offeredAt, 36)).toISOString() };
  const reasons = holds === "" ? NO_HOLDS : holds.split("&").map(decodeURIComponent);
  return { ring: decodeURIComponent(ring), ...offer, holds: reasons, log };
}

const NO_HOLDS: readonly string[] = [];

/** A device that has just been enrolled. */
export function newRow(ring: string): LedgerRow {
  return { ring, wave: NO_WAVE, offeredAt: "", holds: NO_HOLDS, log: "" };
}
