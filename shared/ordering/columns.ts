/** Value id of a device that has no value of an attribute. */
export const ABSENT = -1;

/** One categorical attribute of every device. */
export interface AttributeColumn {
  readonly name: string;
  /** Per device the id of its value, from 0 up to `size` − 1, or `ABSENT`. */
  readonly values: Int32Array;
  /** Number of value ids. */
  readonly size: number;
}

/** Devices by column; a device is its index in all of them. */
export interface DeviceColumns {
  /** Distinct ids, which settle ties. */
  readonly ids: readonly string[];
  readonly attributes: readonly AttributeColumn[];
  /** Predicted risk of each device in any unit; NaN where it is not known. */
  readonly risk?: Float64Array;
}

/** A device with its attributes by name; an attribute that it does not have is left out or empty. */
export interface DeviceRecord {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly risk?: number;
}

/** Columns of records, the attributes in the order of their names. */
export function columnsOf(devices: readonly DeviceRecord[]): DeviceColumns {
  const columns = new Map<string, { values: Int32Array; ids: Map<string, number> }>();
  let anyRisk = false;
  for (const [index, { attributes, risk }] of devices.entries()) {
    anyRisk ||= risk !== undefined;
    for (const name in attributes) {
      const value = attributes[name];
      if (value === undefined || value === "") continue;
      let column = columns.get(name);
      if (column === undefined) {
        column = { values: new Int32Array(devices.length).fill(ABSENT), ids: new Map() };
        columns.set(name, column);
      }
      const id = column.ids.get(value) ?? column.ids.size;
      if (id === column.ids.size) column.ids.set(value, id);
      column.values[index] = id;
    }
  }
  return {
    ids: devices.map(({ id }) => id),
    attributes: [...columns]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { values, ids }]) => ({ name, values, size: ids.size })),
    ...(anyRisk ? { risk: Float64Array.from(devices, ({ risk }) => risk ?? Number.NaN) } : {}),
  };
}
