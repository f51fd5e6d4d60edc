import { randomUUID } from "node:crypto";
import type { FunctionInvoker, FunctionKind } from "../../../../../infra/local/durable/index.js";
import { directRegistrationsTo, programmingModel } from "../../../../../infra/local/host/app/core.js";
import type { TypedData } from "../../../../../infra/local/host/app/model.js";
import { Registry } from "../../../../../infra/local/host/app/registry.js";
import { decode } from "../../../../../infra/local/host/invocation/typed-data.js";

const TRIGGERS: Record<FunctionKind, string> = {
  orchestration: "orchestrationTrigger",
  entity: "entityTrigger",
  activity: "activityTrigger",
};

/** Runs the functions that `register` registers through the real packages; nothing else of a host. */
export function invokerOf(register: () => void): FunctionInvoker {
  const registry = new Registry();
  directRegistrationsTo(registry);
  register();
  registry.close();
  const find = (kind: FunctionKind, name: string) => {
    for (const { metadata, callback } of registry.functions.values()) {
      const trigger = Object.values(metadata.bindings).find((binding) => binding.type === TRIGGERS[kind]);
      if (trigger !== undefined && metadata.name.toLowerCase() === name.toLowerCase()) {
        return { metadata, callback, trigger };
      }
    }
    return undefined;
  };
  return {
    has: (kind, name) => find(kind, name) !== undefined,
    async invoke(kind, name, trigger, metadata) {
      const found = find(kind, name);
      const model = programmingModel();
      if (found === undefined || model === undefined) throw new Error(`no ${kind} ${name}`);
      const invocationId = randomUUID();
      const inputData = [{ name: found.trigger.name, data: (trigger ?? {}) as TypedData }];
      const triggerMetadata = { instanceId: { string: metadata.instanceId } };
      const invocation = model.getInvocationModel({
        invocationId,
        request: { invocationId, functionId: name, inputData, triggerMetadata },
        metadata: found.metadata,
        state: "invocation",
        log: () => {},
      });
      const { context, inputs } = await invocation.getArguments();
      try {
        const result = await invocation.invokeFunction(context, inputs, found.callback);
        const response = await invocation.getResponse(context, result);
        return { ok: true, context, value: decode(response.returnValue) };
      } catch (error) {
        return { ok: false, context, error: error instanceof Error ? error : new Error(String(error)) };
      }
    },
  };
}
