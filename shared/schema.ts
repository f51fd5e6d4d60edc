import { z } from "zod";

/** An instant as the API shows it: ISO 8601 in UTC. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ id: "Instant", description: "ISO 8601, UTC." });

/** A month as callers name it, `YYYY-MM`. */
export const monthText = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "write the month as YYYY-MM, with MM from 01 to 12");

/** Schema of numbers by name. */
export const counts = z.record(z.string(), z.int());

/**
 * Schema of an object that is shown as the code that made it keeps it, with everything that it rests on: its fields are
 * those of T and not further described.
 */
export const recorded = <T extends object>(description: string) =>
  z.custom<T>((value) => typeof value === "object" && value !== null).meta({ type: "object", description });
