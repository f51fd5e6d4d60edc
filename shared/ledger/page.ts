import { joinText, splitText } from "../store/long-text.js";
import type { Values } from "../store/table.js";
import { unpackLog } from "./log.js";
import { type LedgerRow, NO_WAVE, stateOf } from "./row.js";

/**
 * Devices of a shard are stored in pages, a few dozen to a table row: a shard of 2,000 devices is read with one request,
 * a batch writes fewer rows, and tables stay small. A line per device: id, ring, wave, time of the offer, holds, log.
 */
export type Page = ReadonlyMap<string, LedgerRow>;

/** `failures` counts the page's failed and rolled-back devices, so that they can be found without reading the rest. */
export function encodePage(page: Page): Values {
  const lines: string[] = [];
  let failures = 0;
  for (const [deviceId, row] of page) {
    lines.push(encodeRow(deviceId, row));
    if (row.log !== "" && isFailure(row)) failures++;
  }
  return { ...splitText("devices", lines.join("\n")), failures };
}

export function decodePage(values: Values): Map<string, LedgerRow> {
  const text = joinText("devices", values) ?? "";
  return new Map(text === "" ? [] : text.split("\n").map(decodeRow));
}

export function isFailure(row: LedgerRow): boolean {
  const state = stateOf(row, unpackLog(row.log).at(-1));
  return state === "failed" || state === "rolledBack";
}

function encodeRow(deviceId: string, { ring, wave, offeredAt, holds, log }: LedgerRow): string {
  const offer = wave === NO_WAVE ? "|" : `${wave}|${Date.parse(offeredAt).toString(36)}`;
  return `${deviceId}|${encodeURIComponent(ring)}|${offer}|${holds.map(encodeURIComponent).join("&")}|${log}`;
}

function decodeRow(line: string): [string, LedgerRow] {
  const [deviceId = "", ring = "", wave = "", offeredAt = "", holds = "", log = ""] = line.split("|");
  const offer =
    wave === ""
      ? { wave: NO_WAVE, offeredAt: "" }
      : { wave: Number(wave), offeredAt: new Date(Number.parseInt(offeredAt, 36)).toISOString() };
  const reasons = holds === "" ? NO_HOLDS : holds.split("&").map(decodeURIComponent);
  return [deviceId, { ring: decodeURIComponent(ring), ...offer, holds: reasons, log }];
}

const NO_HOLDS: readonly string[] = [];

/** A device that has just been enrolled. */
export function newRow(ring: string): LedgerRow {
  return { ring, wave: NO_WAVE, offeredAt: "", holds: NO_HOLDS, log: "" };
}
