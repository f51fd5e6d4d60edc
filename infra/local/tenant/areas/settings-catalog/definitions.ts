/** One value that a choice can have. */
export interface Option {
  readonly id: string;
  readonly displayName: string;
  /** The setting that this value needs beside it. */
  readonly child?: string;
}

interface Named {
  readonly id: string;
  readonly displayName: string;
}

/** A setting of the settings catalog: what may be chosen or written. */
export type Definition =
  | (Named & { readonly kind: "choice"; readonly options: readonly Option[] })
  | (Named & { readonly kind: "integer"; readonly minimum: number; readonly maximum: number })
  | (Named & { readonly kind: "string" });

const POLICY = "device_vendor_msft_policy_config_";
const OFFICE = `${POLICY}office16v2~policy~l_microsoftofficemachine~l_updates_`;
const CHANNEL = "pdates~policy~l_microsoftofficemachine~l_updates_l_updatebranch";
const EDGE_UPDATE = `${POLICY}updatev95~policy~cat_edgeupdate~cat_applications~cat_microsoftedge_`;
const EDGE = `${POLICY}microsoft_edge~policy~microsoft_edge_`;

/** A choice whose option ids are its own id with a suffix. */
function choice(id: string, displayName: string, options: Readonly<Record<string, string>>): Definition {
  return {
    kind: "choice",
    id,
    displayName,
    options: Object.entries(options).map(([suffix, text]) => ({ id: `${id}_${suffix}`, displayName: text })),
  };
}

/** A setting of an administrative template: off, or on with the value that its child holds. */
function template(id: string, displayName: string, child?: Definition): Definition[] {
  const on = { id: `${id}_1`, displayName: "Enabled", ...(child === undefined ? {} : { child: child.id }) };
  const parent = {
    kind: "choice" as const,
    id,
    displayName,
    options: [{ id: `${id}_0`, displayName: "Disabled" }, on],
  };
  return child === undefined ? [parent] : [parent, child];
}

const LARGEST = 2_147_483_647;

/**
 * The settings that an update service needs (graph.md §2.8). Ids of Windows settings follow the policy CSP; the ids of
 * values below administrative templates are as unverified here as they are there.
 */
export const DEFINITIONS: readonly Definition[] = [
  choice(`${POLICY}system_allowtelemetry`, "Allow Telemetry", {
    "0": "Diagnostic data off",
    "1": "Required",
    "3": "Optional",
  }),
  choice(
    `${POLICY}system_limitenhanceddiagnosticdatawindowsanalytics`,
    "Limit Enhanced Diagnostic Data Windows Analytics",
    {
      "0": "Disabled",
      "1": "Enabled",
    },
  ),
  choice(`${POLICY}system_limitdumpcollection`, "Limit Dump Collection", { "0": "Disabled", "1": "Enabled" }),
  choice(`${POLICY}system_limitdiagnosticlogcollection`, "Limit Diagnostic Log Collection", {
    "0": "Disabled",
    "1": "Enabled",
  }),
  choice(`${POLICY}update_disablewufbsafeguards`, "Disable WUfB Safeguards", {
    "0": "Safeguards are enabled",
    "1": "Safeguards are not enabled",
  }),
  {
    kind: "integer",
    id: `${POLICY}update_detectionfrequency`,
    displayName: "Detection Frequency",
    minimum: 1,
    maximum: 22,
  },
  choice(`${POLICY}update_disablewufbsafeguards`, "Disable WUfB Safeguards", {
    "0": "Safeguards are enabled",
    "1": "Safeguards are not enabled",
  }),
  ...template(
    CHANNEL,
    "Update Channel",
    choice(`${CHANNEL}_l_updatebranchid`, "Channel Name", {
      current: "Current Channel",
      firstreleasecurrent: "Current Channel (Preview)",
      monthlyenterprise: "Monthly Enterprise Channel",
      deferred: "Semi-Annual Enterprise Channel",
      firstreleasedeferred: "Semi-Annual Enterprise Channel (Preview)",
    }),
  ),
  ...template(`${OFFICE}l_enableautomaticupdates`, "Enable Automatic Updates"),
  ...template(`${OFFICE}l_updatedeadline`, "Update Deadline", {
    kind: "string",
    id: `${OFFICE}l_updatedeadline_l_updatedeadlineid`,
    displayName: "Deadline (days)",
  }),
  ...template(`${OFFICE}l_deferupdatedays`, "Delay downloading and installing updates for Office", {
    kind: "string",
    id: `${OFFICE}l_deferupdatedays_l_deferupdatedaysid`,
    displayName: "Days",
  }),
  ...template(`${OFFICE}l_hideenabledisableupdates`, "Hide option to enable or disable updates"),
  ...template(`${OFFICE}l_hideupdatenotifications`, "Hide Update Notifications"),
  ...template(`${OFFICE}l_updatepath`, "Update Path", {
    kind: "string",
    id: `${OFFICE}l_updatepath_l_updatepathid`,
    displayName: "Location for updates",
  }),
  ...template(`${OFFICE}l_updatetargetversion`, "Target Version", {
    kind: "string",
    id: `${OFFICE}l_updatetargetversion_l_updatetargetversionid`,
    displayName: "Update Version",
  }),
  ...template(`${OFFICE}l_officemgmtcom`, "Office 365 Client Management"),
  ...template(
    `${EDGE_UPDATE}pol_targetchannelmicrosoftedge`,
    "Target Channel override",
    choice(`${EDGE_UPDATE}pol_targetchannelmicrosoftedge_part_targetchannel`, "Target Channel", {
      stable: "Stable",
      beta: "Beta",
      dev: "Dev",
      extended: "Extended Stable",
    }),
  ),
  ...template(
    `${EDGE}relaunchnotification`,
    "Notify a user that a browser restart is recommended or required for pending updates",
    choice(`${EDGE}relaunchnotification_relaunchnotification`, "Relaunch notification", {
      "1": "Recommended",
      "2": "Required",
    }),
  ),
  ...template(`${EDGE}relaunchnotificationperiod`, "Set the time period for update notifications", {
    kind: "integer",
    id: `${EDGE}relaunchnotificationperiod_relaunchnotificationperiod`,
    displayName: "Time period (milliseconds)",
    minimum: 0,
    maximum: LARGEST,
  }),
];

const BY_ID = new Map(DEFINITIONS.map((definition) => [definition.id, definition]));
const PARENTS = new Map(
  DEFINITIONS.flatMap((definition) =>
    definition.kind === "choice"
      ? definition.options.flatMap(({ id, child }) =>
          child === undefined ? [] : [[child, { setting: definition.id, option: id }] as const],
        )
      : [],
  ),
);

/** The definition with that id; ids are case-sensitive. */
export function definitionOf(id: string): Definition | undefined {
  return BY_ID.get(id);
}

/** The setting, and its value, below which a setting may stand; undefined for one that stands alone. */
export function parentOf(id: string): { readonly setting: string; readonly option: string } | undefined {
  return PARENTS.get(id);
}
