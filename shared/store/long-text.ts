import type { Value, Values } from "./table.js";

/** A string property holds at most 32 K UTF-16 units (64 KiB); a row at most 1 MiB. */
const MAX_PROPERTY_UNITS = 32_000;

/** Splits a text over the properties `name`, `name1`, `name2`, … of one row. */
export function splitText(name: string, text: string): Values {
  const values: Record<string, Value> = {};
  for (let part = 0; part === 0 || part * MAX_PROPERTY_UNITS < text.length; part++) {
    values[part === 0 ? name : `${name}${part}`] = text.slice(
      part * MAX_PROPERTY_UNITS,
      (part + 1) * MAX_PROPERTY_UNITS,
    );
  }
  return values;
}

/** Puts together what splitText took apart; undefined when the row holds no such text. */
export function joinText(name: string, values: Values): string | undefined {
  if (values[name] === undefined) return undefined;
  let text = "";
  for (let part = 0; ; part++) {
    const piece = values[part === 0 ? name : `${name}${part}`];
    if (piece === undefined) return text;
    text += String(piece);
  }
}
