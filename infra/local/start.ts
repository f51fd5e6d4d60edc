import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { wall } from "../../shared/wall.js";
import { command, flag, integer, oneOf, text } from "./args.js";
import { scenarioNames } from "./fleet/index.js";
import { appRoot } from "./world/app-root.js";
import { progressLines, Screen } from "./world/progress.js";
import type { ReleaseView } from "./world/release-view.js";
import { StateFolder, type WorldState } from "./world/state-file.js";
import { beginningOf, defaultUpdate } from "./world/update.js";
import { World } from "./world/world.js";

/** Domain hours that pass in a real second: a month of patching in about two minutes. */
const DEFAULT_HOURS_PER_SECOND = 8;
const REDRAW_MS = 500;

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

await command("npm start --", options, async (values) => {
  const dir = values.state ?? join(appRoot(), ".ringmaster");
  if (values.fresh) rmSync(dir, { recursive: true, force: true });
  const state = new StateFolder(dir);
  const resumed = state.load();
  const settings = resumed ?? firstSettings(values);
  console.log(
    `${resumed === undefined ? "Starting" : "Resuming"} ${settings.devices} devices, scenario ${settings.scenario}.`,
  );

  const world = await World.start({
    settings,
    state,
    port: values.port,
    ...(values.realtime ? { realtime: true } : { speed: values.speed * 3600 }),
    onHostExit: (reason) => {
      console.error(`Stopping, because ${reason}`);
      process.kill(process.pid, "SIGTERM");
    },
  });
  if (resumed === undefined) state.save(settings);
  console.log(
    `Console: ${world.host.url}/?code=${settings.functionKey}\nCtrl-C stops; a second start goes on from there.\n`,
  );

  const ended = endRequested();
  void world.run();
  await watch(world, ended);
  console.log("Stopping: host, then world, then storage.");
  await world.stop();
  state.close();
  console.log("Stopped. npm start goes on from here; npm start -- --fresh begins anew.");
  return 0;
});

function firstSettings(values: {
  seed: number;
  devices: number;
  scenario: string;
  update: string | undefined;
  gate: "off" | "advise" | "enforce";
  realtime: boolean;
}): WorldState {
  const update = values.update ?? defaultUpdate(values.scenario);
  return {
    seed: values.seed,
    devices: values.devices,
    scenario: values.scenario,
    update,
    gate: values.gate,
    startedAt: values.realtime ? wall.now() : beginningOf(update),
    functionKey: randomBytes(24).toString("base64url"),
    masterKey: randomBytes(24).toString("base64url"),
  };
}

function endRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

async function watch(world: World, ended: Promise<void>): Promise<void> {
  const screen = new Screen(process.stdout);
  let running = true;
  void ended.then(() => {
    running = false;
  });
  while (running) {
    const page = await world.api.get<{ value: ReleaseView[] }>("/releases?expand=rings").catch(() => undefined);
    if (page !== undefined) screen.show(progressLines(world.now(), page.value));
    await Promise.race([ended, wall.sleep(REDRAW_MS)]);
  }
}
