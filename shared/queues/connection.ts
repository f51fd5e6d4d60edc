import { DefaultAzureCredential } from "@azure/identity";
import { ServiceBusClient, type ServiceBusClientOptions, type ServiceBusSender } from "@azure/service-bus";
import { config } from "../config.js";
import { AppError } from "../errors.js";

/** Whether a Service Bus is configured at all. */
export function hasServiceBus(): boolean {
  const { ServiceBus: connection, ServiceBus__fullyQualifiedNamespace: namespace } = config();
  return connection !== undefined || namespace !== undefined;
}

/** A sender of the app's Service Bus. Throws `invalid_input` when none is configured. */
export function openSender(queue: string, options: ServiceBusClientOptions = {}): ServiceBusSender {
  return connect(options).createSender(queue);
}

function connect(options: ServiceBusClientOptions): ServiceBusClient {
  const { ServiceBus: connection, ServiceBus__fullyQualifiedNamespace: namespace } = config();
  if (connection !== undefined) return new ServiceBusClient(connection, options);
  if (namespace !== undefined) return new ServiceBusClient(namespace, new DefaultAzureCredential(), options);
  throw new AppError(
    "invalid_input",
    "No Service Bus is configured. Set ServiceBus or ServiceBus__fullyQualifiedNamespace and restart.",
    { field: "ServiceBus" },
  );
}
