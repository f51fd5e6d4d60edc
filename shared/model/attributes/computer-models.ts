import { exponential, hash32 } from "../../random.js";

export interface ComputerModel {
  readonly manufacturer: string;
  readonly name: string;
  /** Firmware versions in use, most common first. */
  readonly bios: readonly string[];
  /** Vendor of the network adapter. */
  readonly network: NetworkVendor;
}

export type NetworkVendor = "Intel" | "Realtek" | "Qualcomm" | "MediaTek" | "Broadcom";

/** Manufacturer, family, and what is put behind it: the cross product of the two lists. */
const FAMILIES: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ["LENOVO", "ThinkPad", ["T14", "T14s", "T16", "L14", "L15", "E14", "E16", "X13", "P14s"], generations(5)],
  ["LENOVO", "ThinkPad X1 Carbon", ["Gen"], ["7", "8", "9", "10", "11", "12"]],
  ["LENOVO", "ThinkCentre", ["M70q", "M75q", "M90q", "M70s", "M90s"], generations(4)],
  ["Dell Inc.", "Latitude", ["34", "35", "53", "54", "55", "73", "74", "94"], ["10", "20", "30", "40", "50"]],
  ["Dell Inc.", "OptiPlex", ["30", "50", "70"], ["70", "80", "90", "10", "20"]],
  ["Dell Inc.", "Precision", ["35", "55", "56", "76"], ["60", "70", "80"]],
  ["HP", "EliteBook", ["830", "840", "850", "640", "650"], ["G6", "G7", "G8", "G9", "G10", "G11"]],
  ["HP", "ProBook", ["440", "445", "450", "455"], ["G7", "G8", "G9", "G10"]],
  ["HP", "EliteDesk 800", ["SFF", "Mini", "TWR"], ["G5", "G6", "G8", "G9"]],
  ["HP", "ProDesk", ["400", "600"], ["G5", "G6", "G7", "G9"]],
  ["Microsoft Corporation", "Surface", ["Pro", "Laptop", "Go"], ["3", "4", "5", "6", "7", "8", "9", "10"]],
  ["Acer", "TravelMate", ["P214", "P215", "P414", "P614"], ["-52", "-53", "-54"]],
  ["ASUSTeK COMPUTER INC.", "ExpertBook", ["B1", "B3", "B5", "B7", "B9"], ["400", "402", "403"]],
  ["FUJITSU", "LIFEBOOK", ["U74", "U75", "E54", "E55"], ["11", "12", "13"]],
  ["Panasonic Corporation", "TOUGHBOOK", ["40", "55", "FZ-G2", "CF-33"], ["mk1", "mk2"]],
  ["Dynabook Inc.", "PORTEGE", ["X30", "X40"], ["-J", "-K", "-L"]],
];

const NETWORK: readonly NetworkVendor[] = [
  "Intel",
  "Intel",
  "Intel",
  "Intel",
  "Realtek",
  "Realtek",
  "Qualcomm",
  "MediaTek",
  "Broadcom",
];

function generations(count: number): string[] {
  return Array.from({ length: count }, (_, index) => ` Gen ${index + 1}`);
}

/** Business computers in a fixed order of popularity, the manufacturers mixed. About 320. */
export const COMPUTER_MODELS: readonly ComputerModel[] = FAMILIES.flatMap(([manufacturer, family, lines, variants]) =>
  lines.flatMap((line) => variants.map((variant) => computerModel(manufacturer, `${family} ${line}`, variant))),
).toSorted((a, b) => rank(a) - rank(b));

/** The makers that sell most come first more often. */
function rank({ manufacturer, name }: ComputerModel): number {
  return exponential(/^(LENOVO|Dell|HP)/.test(manufacturer) ? 1 : 4, "model order", name);
}

function computerModel(manufacturer: string, line: string, variant: string): ComputerModel {
  const spaced = /^(Dell|Panasonic)/.test(manufacturer) && /^\d{2}$/.test(variant) ? variant : variantOf(line, variant);
  const name = `${line}${spaced}`;
  const draw = hash32("bios", name);
  const versions = draw % 3 === 0 ? 2 : 1;
  return {
    manufacturer,
    name,
    bios: Array.from({ length: versions }, (_, older) => biosVersion(manufacturer, name, draw, older)),
    network: NETWORK[hash32("network", name) % NETWORK.length] ?? "Intel",
  };
}

function variantOf(line: string, variant: string): string {
  return /^[ -]/.test(variant) || (/\d$/.test(line) && /^\d/.test(variant)) ? variant : ` ${variant}`;
}

/** Each manufacturer counts in its own way; a version always names the model it belongs to. */
function biosVersion(manufacturer: string, name: string, draw: number, older: number): string {
  const minor = 30 - 7 * older - (draw % 5);
  if (manufacturer === "LENOVO") return `R${(draw >>> 8).toString(36).slice(0, 3).toUpperCase()}ET${minor}W (${name})`;
  if (manufacturer === "HP")
    return `T${((draw >>> 8) % 90) + 10} Ver. 01.${String(minor).padStart(2, "0")}.00 (${name})`;
  return `1.${minor}.${draw % 4} (${name})`;
}
