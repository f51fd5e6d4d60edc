import { graphClient } from "../graph/client.js";
import { listManagedDevices } from "../graph/inventory.js";
import { changeDevices, listDevices } from "./store.js";
import { managedFacts } from "./survey.js";

/** Reads Intune's Windows devices in bulk and brings what the register says of them up to date; no device comes or goes. */
export async function refreshInventory(): Promise<void> {
  const register = await listDevices();
  if (register.length === 0) return;
  const managed = await listManagedDevices(graphClient());
  await changeDevices(
    register.map(({ deviceId }) => deviceId),
    (record) => {
      const facts = managed.get(record.deviceId);
      return { ...record, managed: facts === undefined ? null : managedFacts(facts) };
    },
  );
}
