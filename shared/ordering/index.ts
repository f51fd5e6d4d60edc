export { columnsOf, type DeviceColumns, type DeviceRecord } from "./columns.js";
export { PAIR_PREVALENCE, type Weighing } from "./features.js";
export { diversityOrder, type OrderOptions, prefixLength, REFERENCE_WEIGHING } from "./order.js";
export { hashOrder } from "./ties.js";
