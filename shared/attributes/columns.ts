/** Attributes of one device by name, as the ledger keeps them; what is not known is absent. */
export type Attributes = Readonly<Record<string, string>>;

/** One attribute of every device. */
export interface AttributeColumn {
  readonly name: string;
  /** Its values, most frequent first; equally frequent ones by text. */
  readonly values: readonly string[];
  /** Devices that have each value. */
  readonly counts: Uint32Array;
  /** Per device the place of its value in `values`, or ABSENT. */
  readonly codes: Int32Array;
  /** Place of its first value among all values of the index, for arrays over all of them. */
  readonly first: number;
}

/**
 * The attributes of many devices, by column, so that cohorts are counted and rings ordered by passes over integers. About
 * 4 bytes per device and attribute. A device is known by its place.
 */
export interface AttributeIndex {
  /** Devices. */
  readonly size: number;
  /** By name. */
  readonly columns: readonly AttributeColumn[];
  /** Values of all columns. */
  readonly valueCount: number;
}

export const ABSENT = -1;

/**
 * Indexes devices 0 to size − 1. The same devices give the same index, whatever the order of a device's attributes. An
 * attribute without a text is one that the device does not have.
 * @param attributesOf is called once per device, in order
 */
export function indexAttributes(size: number, attributesOf: (device: number) => Attributes): AttributeIndex {
  const drafts = new Map<string, Draft>();
  for (let device = 0; device < size; device++) {
    const attributes = attributesOf(device);
    for (const name of Object.keys(attributes)) {
      const value = attributes[name];
      if (value !== undefined && value !== "") note(drafts, size, device, name, value);
    }
  }
  const columns: AttributeColumn[] = [];
  let valueCount = 0;
  for (const [name, draft] of [...drafts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    columns.push({ name, first: valueCount, ...byFrequency(draft) });
    valueCount += draft.counts.length;
  }
  return { size, columns, valueCount };
}

/** The column of an attribute and the place of a value in it; undefined where no device has the value. */
export function findValue(index: AttributeIndex, name: string, value: string) {
  const column = index.columns.find((each) => each.name === name);
  const code = column?.values.indexOf(value) ?? ABSENT;
  return column === undefined || code === ABSENT ? undefined : { column, code };
}

/** A column under construction: values in the order in which they appear. */
interface Draft {
  readonly places: Map<string, number>;
  readonly counts: number[];
  readonly codes: Int32Array;
}

function note(drafts: Map<string, Draft>, size: number, device: number, name: string, value: string): void {
  let draft = drafts.get(name);
  if (draft === undefined) {
    draft = { places: new Map(), counts: [], codes: new Int32Array(size).fill(ABSENT) };
    drafts.set(name, draft);
  }
  const place = draft.places.get(value) ?? draft.counts.push(0) - 1;
  if (draft.counts[place] === 0) draft.places.set(value, place);
  draft.counts[place] = (draft.counts[place] ?? 0) + 1;
  draft.codes[device] = place;
}

function byFrequency({ places, counts, codes }: Draft): Omit<AttributeColumn, "name" | "first"> {
  const entries = [...places].map(([value, place]) => ({ value, place, count: counts[place] ?? 0 }));
  entries.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const codeOf = new Int32Array(entries.length);
  for (const [code, { place }] of entries.entries()) codeOf[place] = code;
  for (let device = 0; device < codes.length; device++) {
    const place = codes[device] ?? ABSENT;
    if (place !== ABSENT) codes[device] = codeOf[place] ?? ABSENT;
  }
  return { values: entries.map(({ value }) => value), counts: Uint32Array.from(entries, ({ count }) => count), codes };
}
