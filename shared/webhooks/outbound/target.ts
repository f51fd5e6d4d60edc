import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { config } from "../../config.js";
import { AppError } from "../../errors.js";
import { reachOf } from "./addresses.js";

const MOST_CHARACTERS = 2048;

/**
 * The address of a receiver, checked: HTTPS, no user, no fragment, and not within a network of our own unless
 * WEBHOOK_PRIVATE_TARGETS allows it; HTTP only to this machine where that is allowed. Names are resolved when an event is
 * sent (`checkedLookup`), for they may be pointed elsewhere at any time.
 * @throws AppError `rule_violated` naming the rule
 */
export function checkTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || text.length > MOST_CHARACTERS) {
    refuse("address", `write an absolute address of at most ${MOST_CHARACTERS} characters`);
  }
  if (url.username !== "" || url.password !== "") refuse("noUser", "leave out user and password");
  if (url.hash !== "") refuse("noFragment", "leave out the part behind #");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const local = host === "localhost" || host.endsWith(".localhost");
  const reach = local ? "loopback" : isIP(host) === 0 ? "public" : reachOf(host);
  if (!allowed(reach)) refuseReach(host);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && reach === "loopback")) {
    refuse("https", "only https addresses are allowed");
  }
  return url;
}

/**
 * Resolves a name for a connection and lets it be made only if every address of it is allowed: one connects to what was
 * checked, and a name cannot be turned inward between check and use.
 * @throws AppError `rule_violated` for an address of our own networks; what resolving throws
 */
export async function checkedLookup(host: string): Promise<{ address: string; family: number }[]> {
  const addresses = await lookup(host, { all: true });
  if (addresses.some(({ address }) => !allowed(reachOf(address)))) refuseReach(host);
  return addresses;
}

function allowed(reach: ReturnType<typeof reachOf>): boolean {
  const { WEBHOOK_PRIVATE_TARGETS: targets } = config();
  return reach === "public" || targets === "any" || (targets === "loopback" && reach === "loopback");
}

function refuseReach(host: string): never {
  refuse(
    "publicAddress",
    `${host} is an address of this machine or of a network of our own; WEBHOOK_PRIVATE_TARGETS says which of them are allowed`,
  );
}

function refuse(rule: string, problem: string): never {
  throw new AppError("rule_violated", `url: ${problem}.`, { field: "url", details: { rule } });
}
