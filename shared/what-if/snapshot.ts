import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import type { WhatIfFleet } from "./fleet.js";

/** A fleet as it is kept while a what-if runs: no device by name, only what its attributes are. */
const snapshotSchema = z.object({
  rings: z.array(z.object({ name: z.string(), size: z.int() })),
  columns: z.array(
    z.object({
      name: z.string(),
      values: z.array(z.string()),
      counts: z.array(z.int()),
      /** Place of each device's value, 0 for none, as 32-bit numbers in base64. */
      codes: z.string(),
    }),
  ),
});

/** A fleet as text, about a byte per device and attribute. */
export function packFleet({ rings, index }: WhatIfFleet): string {
  const columns = index.columns.map(({ name, values, counts, codes }) => {
    const shifted = Buffer.alloc(codes.length * 4);
    codes.forEach((code, device) => {
      shifted.writeInt32LE(code + 1, device * 4);
    });
    return { name, values, counts: [...counts], codes: deflateRawSync(shifted).toString("base64") };
  });
  return JSON.stringify({ rings, columns });
}

/** The fleet of such a text. */
export function unpackFleet(text: string): WhatIfFleet {
  const { rings, columns } = snapshotSchema.parse(JSON.parse(text));
  const size = rings.reduce((sum, ring) => sum + ring.size, 0);
  let valueCount = 0;
  const unpacked = columns.map(({ name, values, counts, codes: packed }) => {
    const bytes = inflateRawSync(Buffer.from(packed, "base64"));
    const codes = Int32Array.from({ length: size }, (_, device) => bytes.readInt32LE(device * 4) - 1);
    const first = valueCount;
    valueCount += values.length;
    return { name, values, counts: Uint32Array.from(counts), codes, first };
  });
  return { rings, index: { size, columns: unpacked, valueCount } };
}
