import { ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from "@azure/service-bus";
import type { AppFunction } from "../app/functions.js";
import { fieldOf } from "../app/functions.js";
import type { InvocationResponse } from "../app/model.js";
import type { Settings } from "../config/settings.js";
import { decode } from "../invocation/typed-data.js";
import { messageOf, StartError } from "../start-error.js";

interface Output {
  /** `$return`, or the binding's name among the output data. */
  readonly key: string;
  readonly connection: string;
  readonly entity: string;
}

/** Sends what functions put into their `serviceBus` output bindings. */
export class ServiceBusOutputs {
  readonly #outputs = new Map<string, Output[]>();
  readonly #clients = new Map<string, ServiceBusClient>();
  readonly #senders = new Map<string, ServiceBusSender>();

  /** Throws a StartError for an output without entity or without a usable connection. */
  constructor(functions: readonly AppFunction[], settings: Settings) {
    for (const fn of functions) {
      const bindings = fn.bindings.filter(({ type, direction }) => type === "serviceBus" && direction === "out");
      this.#outputs.set(
        fn.name,
        bindings.map((binding) => {
          const entity = binding.queueName ?? binding.topicName;
          if (typeof entity !== "string") throw new StartError(fieldOf(fn, "queueName"), "no queue or topic is named");
          return { key: binding.key, entity, connection: connectionOf(fn, binding.connection, settings) };
        }),
      );
    }
  }

  /** A value that is an array is several messages; text is the body as it is, anything else its JSON. */
  async send(fn: AppFunction, response: InvocationResponse): Promise<void> {
    for (const output of this.#outputs.get(fn.name) ?? []) {
      const data = output.key === "$return" ? response.returnValue : find(response, output.key);
      const value = decode(data);
      if (value === undefined || value === null) continue;
      await this.#sender(output).sendMessages((Array.isArray(value) ? value : [value]).map(toMessage));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #sender({ connection, entity }: Output): ServiceBusSender {
    const key = `${connection}|${entity}`;
    let sender = this.#senders.get(key);
    if (sender === undefined) {
      const client = this.#clients.get(connection) ?? new ServiceBusClient(connection);
      this.#clients.set(connection, client);
      sender = client.createSender(entity);
      this.#senders.set(key, sender);
    }
    return sender;
  }
}

/** The connection string behind a binding's `connection`, which defaults to `ServiceBus`. */
export function connectionOf(fn: AppFunction, name: unknown, settings: Settings): string {
  try {
    return settings.connection(typeof name === "string" && name !== "" ? name : "ServiceBus");
  } catch (error) {
    throw new StartError(fieldOf(fn, "connection"), messageOf(error));
  }
}

function find(response: InvocationResponse, name: string) {
  return response.outputData?.find((output) => output.name === name)?.data;
}

/** Bytes, so that the SDK does not encode text once more as JSON. */
function toMessage(value: unknown): ServiceBusMessage {
  if (value instanceof Uint8Array) return { body: value };
  if (typeof value === "string") return { body: Buffer.from(value, "utf8"), contentType: "text/plain" };
  return { body: Buffer.from(JSON.stringify(value), "utf8"), contentType: "application/json" };
}
