import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { wall } from "../../shared/wall.js";
import { command, flag, integer, oneOf, text } from "./args.js";
import { scenarioNames } from "./fleet/index.js";
import { Pace } from "./teams-page/server.js";
import { appRoot } from "./world/app-root.js";
import { ignoredOptions } from "./world/first-options.js";
import { progressLines, Screen } from "./world/progress.js";
import type { ReleaseView } from "./world/release-view.js";
import { StateFolder, type WorldState } from "./world/state-file.js";
import { beginningOf, defaultUpdate, newestUpdate } from "./world/update.js";
import { World } from "./world/world.js";

/** Domain hours that pass in a real second: a month of patching in about two minutes. */
const DEFAULT_HOURS_PER_SECOND = 8;
const REDRAW_MS = 500;
const PARENT = process.ppid;
const STOPPING = "Stopping: host, then world, then storage.";

const options = {
  speed: integer("domain hours per real second", { min: 1, max: 1000, default: DEFAULT_HOURS_PER_SECOND }),
  devices: integer("devices in the tenant, at the first start", { min: 10, max: 50_000, default: 2_000 }),
  seed: integer("seed of everything random, at the first start", { min: 0, max: 1_000_000, default: 1 }),
  scenario: oneOf("what the fleet goes through", scenarioNames(), "nominal"),
  gate: oneOf("health gate of the group", ["off", "advise", "enforce"] as const, "enforce"),
  update: text("catalogue name of the update with which time begins (default: the scenario's, else 2024.06 B)", "NAME"),
  port: integer("port of the app", { min: 1, max: 65_535, default: 7071 }),
  state: text("folder that keeps the system between two starts", "DIR"),
  realtime: flag("domain time is real time"),
  fresh: flag("forgets what an earlier start left"),
};

await command("npm start --", options, async (values, given) => {
  // From here on: a signal while the system starts must not leave a part of it behind.
  const end = endRequested();
  const dir = values.state ?? join(appRoot(), ".ringmaster");
  const first = firstSettings(values);
  const state = await StateFolder.open(dir);
  try {
    if (values.fresh) await state.clear();
    const resumed = state.load();
    const settings = resumed ?? first;
    if (resumed === undefined) state.save(settings);
    console.log(opening(settings, resumed !== undefined));
    for (const line of ignoredOptions(settings, first, resumed === undefined ? new Set() : given)) console.log(line);
    return await run(settings, state, values, end);
  } finally {
    state.close();
  }
});

async function run(
  settings: WorldState,
  state: StateFolder,
  values: { port: number; speed: number },
  end: End,
): Promise<number> {
  const world = await World.start({
    settings,
    state,
    port: values.port,
    teams: true,
    ...(settings.realtime === true ? { realtime: true } : { speed: values.speed * 3600 }),
    onStep: (sentence) => console.log(sentence),
    onHostExit: (reason) => end.request({ code: 1, reason }),
  });
  const places = [`Console: ${world.host.url}/?code=${settings.functionKey}`, `Teams:   ${world.teamsPage?.url}`];
  console.log(`${places.join("\n")}\nCtrl-C stops; a second start goes on from there.\n`);
  world.run().catch((error: unknown) => end.request({ code: 1, reason: `time stands still: ${error}` }));
  await watch(world, end).catch((error: unknown) => end.request({ code: 1, reason: `progress failed: ${error}` }));
  const { code, reason } = await end.requested;
  if (reason !== undefined) console.error(`${STOPPING} Because ${reason}`);
  await world.stop();
  console.log("Stopped. npm start goes on from here; npm start -- --fresh begins anew.");
  return code;
}

function opening({ devices, scenario, realtime }: WorldState, resumed: boolean): string {
  const line = `${resumed ? "Resuming" : "Starting"} ${devices} devices, scenario ${scenario}.`;
  return realtime === true
    ? `${line}\nIn real time only what is published from now on becomes a release; the catalogue ends with ${newestUpdate()}.`
    : line;
}

function firstSettings(values: {
  seed: number;
  devices: number;
  scenario: string;
  update: string | undefined;
  gate: "off" | "advise" | "enforce";
  realtime: boolean;
}): WorldState {
  const update = values.update ?? defaultUpdate(values.scenario);
  const beginning = beginningOf(update);
  return {
    seed: values.seed,
    devices: values.devices,
    scenario: values.scenario,
    update,
    gate: values.gate,
    realtime: values.realtime,
    startedAt: values.realtime ? wall.now() : beginning,
    functionKey: randomBytes(24).toString("base64url"),
    masterKey: randomBytes(24).toString("base64url"),
  };
}

interface Ending {
  /** Exit code. */
  readonly code: number;
  readonly reason?: string;
}

interface End {
  readonly requested: Promise<Ending>;
  readonly request: (ending: Ending) => void;
}

/** The first signal, or a terminal that is gone, asks for the end; later signals only learn that it is on its way. */
function endRequested(): End {
  let request: End["request"] = () => undefined;
  const requested = new Promise<Ending>((resolve) => {
    request = resolve;
  });
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      console.log(asked ? "Already stopping; it takes half a minute at most." : STOPPING);
      asked = true;
      request({ code: 0 });
    });
  }
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => request({ code: 0 }));
  return { requested, request };
}

/** Whether npm, which started this process, is gone: it ends at a signal without handing that on. */
function orphaned(): boolean {
  return process.env.npm_lifecycle_event === "start" && process.ppid !== PARENT;
}

/**
 * Time slows down when a release begins to wait for a person: at full speed its question would be weeks old in a minute.
 * Whoever speeds it up again is not overruled.
 * @param slowedFor ids of releases for which it was slowed down
 */
function waitForPeople({ teamsPage }: World, releases: readonly ReleaseView[], slowedFor: Set<string>): void {
  for (const { id, needsPerson: waits } of releases) {
    if (waits && !slowedFor.has(id)) {
      slowedFor.add(id);
      teamsPage?.setPace(Pace.slow);
      console.log(`A question waits for an answer: ${teamsPage?.url}. Time runs slowly until somebody gives one.\n`);
    } else if (!waits && slowedFor.has(id)) {
      slowedFor.delete(id);
      if (slowedFor.size === 0) teamsPage?.setPace(Pace.full);
    }
  }
}

async function watch(world: World, end: End): Promise<void> {
  const screen = new Screen(process.stdout);
  const slowedFor = new Set<string>();
  let running = true;
  void end.requested.then(() => {
    running = false;
  });
  while (running) {
    const releases = await world.api.all<ReleaseView>("/releases?expand=rings").catch(() => undefined);
    if (releases !== undefined) {
      waitForPeople(world, releases, slowedFor);
      screen.show(progressLines(world.now(), releases));
    }
    if (orphaned()) end.request({ code: 0, reason: "npm, which started it, has ended." });
    await Promise.race([end.requested, wall.sleep(REDRAW_MS)]);
  }
}
