import type { EventContext, Receiver } from "rhea";
import { accepted, rejected } from "../amqp.js";
import { BrokerError, Condition } from "../broker-error.js";
import { decodeTransfer } from "../encoding.js";
import type { Intake } from "../intake.js";
import type { Runtime } from "../runtime.js";
import { answerAttach } from "./rhea-internals.js";

/** A client's sender: every transfer is one message or one batch, accepted as a whole or rejected as a whole. */
export function serveSender(runtime: Runtime, intake: Intake, receiver: Receiver): void {
  answerAttach(receiver, { max_message_size: intake.settings.maxMessageBytes });
  receiver.on("message", ({ message, delivery }: EventContext) => {
    try {
      const payload = message as unknown as Buffer;
      runtime.act(() => receive(intake, payload, delivery?.format));
      delivery?.update(true, accepted());
    } catch (error) {
      const { condition, message: reason } = BrokerError.from(error);
      delivery?.update(true, rejected(condition, reason));
    }
  });
}

function receive(intake: Intake, payload: Buffer, format: number | undefined): void {
  if (payload.length > intake.settings.maxMessageBytes) {
    throw new BrokerError(
      Condition.messageSizeExceeded,
      `The message or batch has ${payload.length} bytes; ${intake.entity} takes ${intake.settings.maxMessageBytes}.`,
    );
  }
  intake.accept(decodeTransfer(payload, format));
}
