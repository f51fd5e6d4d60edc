import { type AttributeColumn, type Attributes, indexAttributes } from "../attributes/columns.js";

/** Devices by column; a device is its index in all of them. */
export interface DeviceColumns {
  /** Distinct ids, which settle ties. */
  readonly ids: readonly string[];
  readonly attributes: readonly AttributeColumn[];
  /** Predicted risk of each device in any unit; NaN where it is not known. */
  readonly risk?: Float64Array;
}

/** A device with its attributes by name. */
export interface DeviceRecord {
  readonly id: string;
  readonly attributes: Attributes;
  readonly risk?: number;
}

/** Columns of records, the attributes in the order of their names. */
export function columnsOf(devices: readonly DeviceRecord[]): DeviceColumns {
  const { columns } = indexAttributes(devices.length, (device) => devices[device]?.attributes ?? {});
  const isRiskKnown = devices.some(({ risk }) => risk !== undefined);
  return {
    ids: devices.map(({ id }) => id),
    attributes: columns,
    ...(isRiskKnown ? { risk: Float64Array.from(devices, ({ risk }) => risk ?? Number.NaN) } : {}),
  };
}
