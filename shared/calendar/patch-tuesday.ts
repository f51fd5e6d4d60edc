import { dateParts, dateText } from "./days.js";
import { pacificInstant, pacificTime } from "./pacific.js";

/** Updates are published at 10:00 Pacific (autopatch.md §13.1). */
export const RELEASE_HOUR = 10;

/** Date (`YYYY-MM-DD`) of the second Tuesday of a month, the day of the B release; months count from 1. */
export function secondTuesday(year: number, month: number): string {
  const eighth = new Date(Date.UTC(year, month - 1, 8)).getUTCDay();
  return dateText(year, month, 8 + ((2 - eighth + 7) % 7));
}

/** Date of the fourth Tuesday, the usual day of the optional preview and of the month's summary. */
export function fourthTuesday(year: number, month: number): string {
  return dateText(year, month, dateParts(secondTuesday(year, month)).day + 14);
}

/** The instant (ms) at which an update dated `date` is published: 10:00 Pacific, 17:00 or 18:00 UTC. */
export function releaseInstant(date: string): number {
  return pacificInstant(date, RELEASE_HOUR);
}

/** The B release instant (ms) of a month. */
export function patchTuesday(year: number, month: number): number {
  return releaseInstant(secondTuesday(year, month));
}

function monthOf(at: number): { year: number; month: number } {
  return dateParts(pacificTime(at).date);
}

function shiftMonth(year: number, month: number, by: number): number {
  const moved = new Date(Date.UTC(year, month - 1 + by, 1));
  return patchTuesday(moved.getUTCFullYear(), moved.getUTCMonth() + 1);
}

/** The first B release instant strictly after `at`. */
export function nextPatchTuesday(at: number): number {
  const { year, month } = monthOf(at);
  const ofMonth = patchTuesday(year, month);
  return ofMonth > at ? ofMonth : shiftMonth(year, month, 1);
}

/** The latest B release instant at or before `at`: the anchor of everything published until the next one. */
export function latestPatchTuesday(at: number): number {
  const { year, month } = monthOf(at);
  const ofMonth = patchTuesday(year, month);
  return ofMonth <= at ? ofMonth : shiftMonth(year, month, -1);
}

/** Whether `at` falls on Patch Tuesday by Pacific date, and the release hour has come. For timers that run on UTC crons. */
export function isAfterReleaseOnPatchTuesday(at: number): boolean {
  const { date, hour } = pacificTime(at);
  const { year, month } = dateParts(date);
  return date === secondTuesday(year, month) && hour >= RELEASE_HOUR;
}
