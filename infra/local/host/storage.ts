import { join } from "node:path";
import {
  type Azurite,
  DEFAULT_PORTS,
  connectionString as developmentConnection,
  listens,
  startAzurite,
} from "../azurite.js";
import { messageOf, StartError } from "./start-error.js";

/** Keeps nothing: timers and durable state end with the host. */
const IN_MEMORY = "memory";

export interface HostStorage {
  /** Undefined when nothing is kept. */
  readonly connectionString: string | undefined;
  stop(): Promise<void>;
}

/**
 * The storage of the host and the app, put into `AzureWebJobsStorage`: what is asked for, else the setting, else an
 * Azurite of the host's own below the app (or in `dir`).
 */
export async function openStorage(
  asked: string | undefined,
  env: NodeJS.ProcessEnv,
  app: string,
  dir = join(app, ".ringmaster", "host-azurite"),
): Promise<HostStorage> {
  const unmanaged = (connectionString: string | undefined): HostStorage => ({ connectionString, stop: async () => {} });
  if (asked === IN_MEMORY) return unmanaged(undefined);
  const wanted = asked ?? env.AzureWebJobsStorage ?? "";
  const development = /^UseDevelopmentStorage=true;?$/i.test(wanted.trim());
  if (wanted !== "" && !development) {
    env.AzureWebJobsStorage = wanted;
    return unmanaged(wanted);
  }
  if (development && (await listens(DEFAULT_PORTS.table))) {
    env.AzureWebJobsStorage = wanted;
    return unmanaged(developmentConnection(DEFAULT_PORTS));
  }
  const azurite: Azurite = await startAzurite({ dir }).catch((error: unknown) => {
    throw new StartError("AzureWebJobsStorage", `the host's own Azurite did not start: ${messageOf(error)}`);
  });
  env.AzureWebJobsStorage = azurite.connectionString;
  return azurite;
}
