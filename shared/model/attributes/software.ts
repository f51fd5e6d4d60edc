import { type Choice, weighted, zipf } from "./choice.js";

export const antivirus: Choice<string> = weighted([
  ["Microsoft Defender", 0.62],
  ["CrowdStrike Falcon", 0.13],
  ["SentinelOne", 0.07],
  ["Sophos Intercept X", 0.06],
  ["Trend Micro Apex One", 0.05],
  ["ESET Endpoint Security", 0.03],
  ["Trellix Endpoint Security", 0.03],
  ["Bitdefender GravityZone", 0.01],
]);

export const vpn: Choice<string> = weighted([
  ["none", 0.31],
  ["Cisco Secure Client", 0.2],
  ["GlobalProtect", 0.16],
  ["Zscaler Client Connector", 0.13],
  ["FortiClient", 0.09],
  ["Always On VPN", 0.05],
  ["Ivanti Secure Access", 0.03],
  ["OpenVPN Connect", 0.02],
  ["WireGuard", 0.01],
]);

const AREAS = ["Accounting", "Billing", "CAD", "Call centre", "CRM", "Document archive", "ERP", "Field service", "HR"]
  .concat(["Laboratory", "Logistics", "Patient records", "Planning", "Point of sale", "Production", "Quality"])
  .concat(["Reporting", "Scheduling", "Ticketing", "Warehouse"]);

/** The application of a device's main job, with its version. */
export const lineOfBusinessApp: Choice<string> = zipf(
  Array.from({ length: 180 }, (_, index) => `${AREAS[index % AREAS.length]} ${12 - Math.floor(index / AREAS.length)}`),
  0.9,
);

/** A second application that hooks deep into Windows: printing, encryption, input, docking. */
export const systemTool: Choice<string> = zipf(
  ["Print manager", "Disk encryption", "Docking utility", "Screen recorder", "Data loss prevention", "Smart card"]
    .concat(["Remote support", "Clipboard manager", "Font manager", "Audio suite"])
    .flatMap((tool) => ["9", "8", "7", "6"].map((version) => `${tool} ${version}`)),
  1,
);

const UTC_OFFSET_HOURS: Readonly<Record<string, readonly number[]>> = {
  English: [-8, -6, -5, -5, 0, 0, 5.5, 10],
  "Simplified Chinese": [8],
  Russian: [3, 3, 5, 7],
  "Spanish - Spain": [1],
  "Portuguese-Brazil": [-3],
  Korean: [9],
  Japanese: [9],
  "Traditional Chinese": [8],
  Turkish: [3],
  Thai: [7],
  "Spanish - Latin America": [-6, -5, -3],
  Ukrainian: [2],
  Finnish: [2],
  Romanian: [2],
  Greek: [2],
  Bulgarian: [2],
  "Portuguese - Portugal": [0],
  Vietnamese: [7],
  Indonesian: [7],
};

/** Hours ahead of UTC of the zones in which a language is spoken, to draw one from. */
export function utcOffsets(language: string): readonly number[] {
  return UTC_OFFSET_HOURS[language] ?? [1];
}
