import type { Alert } from "./states.js";

/** Windows error codes of people and devices who called the update off, which is no failure. */
export const CANCELED_BY_USER = "0x800704c7";
export const CANCELED_BY_DEVICE = "0x8024000b";

const DISM = "Run dism /online /cleanup-image /restorehealth, then let the device try again.";
const NETWORK = "Check the device's network, proxy and firewall: the update endpoints have to be reachable.";

const FAILURES: Readonly<Record<string, readonly [code: string, text: string, remedy: string]>> = {
  "0x80070002": ["FileNotFound", "Files of the update are missing.", "Exclude the update folders from scans, retry."],
  "0x80070005": [
    "InstallAccessDenied",
    "Access to a file was denied.",
    "Exclude the update folders from scans, retry.",
  ],
  "0x8007000e": ["InstallOutOfMemory", "Memory ran out.", "Restart the device; add memory or enlarge its page file."],
  "0x80070020": ["InstallFileLocked", "A file was in use.", "Exclude the update folders from scans, retry."],
  "0x80070070": ["DiskFull", "The Windows partition is full.", "Free space on it; the device tries again."],
  "0x8007000d": ["DamagedMedia", "A file of the update is damaged.", "Run chkdsk /F as an administrator, retry."],
  "0x80070570": ["DamagedMedia", "A file or the disk is damaged.", "Run chkdsk /F as an administrator, retry."],
  "0x80072ee2": ["DownloadTimeout", "The update service did not answer in time.", NETWORK],
  "0x80072efd": ["DownloadConnectionIssue", "The update service cannot be reached.", NETWORK],
  "0x80073712": ["WUComponentMissing", "A component of Windows is missing.", DISM],
  "0x80240016": ["WUBusy", "The update client was busy.", "Restart the device; it tries again."],
  "0x80240034": ["DownloadIssue", "The download failed.", NETWORK],
  "0x800f081f": ["WUComponentMissing", "Source files of a component are missing.", DISM],
  "0xc1900101": ["RollbackInitiated", "A driver stopped Setup.", "Update the device's drivers, read SetupDiag, retry."],
  "0xc1900107": [
    "InstallSetupError",
    "An earlier attempt is not cleaned up.",
    "Restart the device, clean up the disk.",
  ],
  "0xc1900200": [
    "Incompatible",
    "The device lacks a requirement.",
    "Look for hard blocks in ScanResult.xml of Panther.",
  ],
  "0xc1900202": [
    "Incompatible",
    "The device lacks a requirement.",
    "Look for hard blocks in ScanResult.xml of Panther.",
  ],
  "0xc1900208": [
    "InstallSetupBlock",
    "An app or driver blocks Setup.",
    "Read SetupDiag; update or remove what it names.",
  ],
};

/** What a failed attempt means, by the Windows error code of the signal (autopatch.md §9.6). */
export function failureAlert(errorCode: string | undefined): Alert {
  const code = errorCode?.toLowerCase();
  const known = code === undefined ? undefined : FAILURES[code];
  if (known !== undefined) {
    const [name, text, remedy] = known;
    return { code: name, text: `${text} (${code})`, remedy };
  }
  return {
    code: "InstallIssue",
    text: `The installation failed${code === undefined ? "" : ` with ${code}`}.`,
    remedy: DISM,
  };
}

/** Setup went back by itself; other than an uninstallation that somebody asked for. */
export function rollbackAlert(errorCode: string | undefined): Alert {
  const code = errorCode === undefined ? "" : ` (${errorCode.toLowerCase()})`;
  const text = `Setup failed and went back to the version before${code}.`;
  const remedy = "Read SetupDiag for the cause before the device tries again.";
  return { code: "RollbackInitiated", text, remedy };
}

/** The device began to install and has not been heard of since. @param days whole days since then */
export function silenceAlert(days: number): Alert {
  const text = `The installation began ${days} days ago, and the device has not been heard of since.`;
  return { code: "PostRestartIssue", text, remedy: "Check whether it starts; if it does not, repair Windows." };
}

export function safeguardAlert(holds: readonly string[]): Alert {
  const named = holds.length === 0 ? "A safeguard hold" : `Safeguard hold ${holds.join(", ")}`;
  const text = `${named} keeps the update from the device, because it matches a known issue.`;
  const remedy =
    "Wait until Microsoft lifts it; GET /api/v1/safeguard-holds tells the issue, and where you may opt out.";
  return { code: "SafeguardHold", text, remedy };
}

/** A registration or readiness check that fails: policies would not reach the device, or others contradict them. */
export function conflictAlert({ check, message }: { readonly check: string; readonly message: string }): Alert {
  return { code: "PolicyConflict", text: `${check}: ${message}`, remedy: "Remove what the check names." };
}
