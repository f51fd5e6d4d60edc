import { z } from "zod";
import { versionText } from "../app-versions/version.js";

/** A version at which Microsoft 365 Apps of a ring are held. */
export const officePinSchema = z.object({
  /** Target version of the ring's policy: `16.0.17425.20140`. */
  version: versionText,
  /** True: a pause, in which devices keep what they have. False: a rollback, in which newer versions go back to it. */
  keepsInstalled: z.boolean(),
  /** Entry of the version from which a release keeps the ring, because its gate or a pause says so. Absent: a person does. */
  heldFrom: z.string().optional(),
});
export type OfficePin = z.infer<typeof officePinSchema>;

/** By ring name; rings that follow their channel are not in it. */
export const officePinsSchema = z.record(z.string(), officePinSchema);
