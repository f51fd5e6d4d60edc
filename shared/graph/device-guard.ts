import { z } from "zod";
import { AppError } from "../errors.js";
import { readEach } from "./batch-read.js";
import { type Graph, INTUNE } from "./graph.js";
import { text } from "./lenient.js";
import { segment, withQuery } from "./odata.js";

/** What Intune says of virtualization-based security where it runs; other states say why it does not. */
export const VBS_RUNNING = "running";

const deviceSchema = z
  .object({ hardwareInformation: z.object({ deviceGuardVirtualizationBasedSecurityState: text }).nullish() })
  .transform(({ hardwareInformation }) => hardwareInformation?.deviceGuardVirtualizationBasedSecurityState ?? null);

/**
 * State of virtualization-based security by managed device id: `running`, `rebootRequired`, `notConfigured`, …, null where
 * Intune does not know. Lists leave `hardwareInformation` empty (graph.md §2.6), so devices are read one by one, by twenty
 * to a call; those that cannot be read are left out. Throws when Graph throttles or is away.
 */
export async function readVbsStates(
  graph: Graph,
  managedDeviceIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const query = { $select: "id,hardwareInformation" };
  const paths = managedDeviceIds.map((id) => withQuery(`${INTUNE}/managedDevices/${segment(id)}`, query));
  const answers = await readEach(graph, { paths, schema: deviceSchema, version: "beta" });
  const read = managedDeviceIds.map((id, place) => [id, answers[place]] as const);
  return new Map(
    read.flatMap(([id, state]) => (state === undefined || state instanceof AppError ? [] : [[id, state] as const])),
  );
}
