import { describe, expect, it } from "vitest";
import {
  afterAttempt,
  type Delivery,
  deliveryOf,
  MOST_ATTEMPTS,
  waitAfter,
} from "../../../../../shared/webhooks/outbound/delivery.js";
import { cloudEvent, eventType, takes } from "../../../../../shared/webhooks/outbound/events.js";

const EVENT = cloudEvent({
  ...{ id: "e1", type: "release.paused", subject: "release/r", time: "2024-06-13T10:00:00.000Z" },
  data: { action: "release.pause", actor: { id: "ada", name: "Ada" } },
});
const AT = Date.parse(EVENT.time);
const NEW = deliveryOf("w1", EVENT);
const failed = (at: number) => ({ at, status: 500, problem: "The receiver answered 500." });

describe("the waits between attempts", () => {
  const waits = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, each) => waitAfter(each + 1, "d") ?? 0);

  it("grow threefold up to six hours, spread by a tenth at most", () => {
    const plain = [20, 60, 180, 540, 1620, 4860, 14_580, 21_600, 21_600, 21_600].map((seconds) => seconds * 1000);
    waits.forEach((wait, each) => {
      expect(wait).toBeGreaterThanOrEqual(plain[each] ?? 0);
      expect(wait).toBeLessThanOrEqual((plain[each] ?? 0) * 1.1);
    });
  });

  it("add up to about a day, and then there are no more", () => {
    const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(24);
    expect(hours).toBeLessThan(27);
    expect(waitAfter(MOST_ATTEMPTS, "d")).toBeNull();
  });

  it("are as long as the receiver asks, but no longer than a day", () => {
    expect(waitAfter(1, "d", 600_000)).toBe(600_000);
    expect(waitAfter(1, "d", 1e12)).toBe(86_400_000);
  });
});

describe("a delivery", () => {
  it("of the same event to the same webhook is the same one", () => {
    expect(deliveryOf("w1", EVENT)).toEqual(NEW);
    expect(deliveryOf("w2", EVENT).id).not.toBe(NEW.id);
  });

  it("that the receiver took is done", () => {
    expect(afterAttempt(NEW, { at: AT, status: 204, problem: null })).toMatchObject({
      state: "delivered",
      nextAt: null,
    });
  });

  it("that failed is attempted again until its patience is over, and after a replay anew", () => {
    let delivery: Delivery = NEW;
    for (let each = 1; each < MOST_ATTEMPTS; each++) {
      delivery = afterAttempt(delivery, failed(AT + each));
      expect(delivery.state).toBe("pending");
      expect(delivery.nextAt).toBe(AT + each + (waitAfter(each, NEW.id) ?? 0));
    }
    delivery = afterAttempt(delivery, failed(AT + MOST_ATTEMPTS));
    expect(delivery).toMatchObject({ state: "failed", nextAt: null });
    const replayed: Delivery = { ...delivery, state: "pending", former: delivery.attempts.length };
    expect(afterAttempt(replayed, failed(AT)).nextAt).toBe(AT + (waitAfter(1, NEW.id) ?? 0));
  });

  it("that no other attempt would help fails at once", () => {
    expect(afterAttempt(NEW, failed(AT), { final: true })).toMatchObject({ state: "failed", nextAt: null });
  });
});

describe("events", () => {
  it.each([
    ["release.pause", {}, "release.paused"],
    ["release.gate.pause", { enforced: true }, "release.paused"],
    ["release.gate.pause", { enforced: false }, "release.gate.pauseAdvised"],
    ["release.end", { outcome: "completed" }, "release.completed"],
    ["ring.end", { outcome: "rolledBack" }, "ring.rolledBack"],
    ["incident.update", {}, "incident.updated"],
    ["group.update", {}, "group.update"],
    ["webhook.fail", {}, undefined],
    ["message.sent", {}, undefined],
    ["feed.passOver", {}, undefined],
  ])("%s %j is the event %s", (action, evidence, type) => {
    expect(eventType(action, evidence)).toBe(type);
  });

  it.each([
    ["*", true],
    ["release.*", true],
    ["ringmaster.release.*", true],
    ["release.paused", true],
    ["ringmaster.release.paused", true],
    ["release.pause", false],
    ["release", false],
    ["ring.*", false],
    ["rel.*", false],
  ])("the filter %s takes release.paused: %s", (filter, result) => {
    expect(takes(filter, "ringmaster.release.paused")).toBe(result);
  });

  it("are CloudEvents 1.0 under the id of their audit entry", () => {
    expect(EVENT).toMatchObject({ specversion: "1.0", id: "e1", type: "ringmaster.release.paused" });
  });
});
