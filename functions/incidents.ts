import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { lookAtObjectives } from "../shared/incidents/look.js";

/** Every day, so that an open incident has news at least every 24 h (autopatch.md §11). */
app.timer("serviceLevelDaily", {
  schedule: "0 40 5 * * *",
  handler: async (_timer, context) => {
    for (const { id, closed, updates } of await lookAtObjectives(clock.now())) {
      context.log(
        `incident ${id}: ${updates.at(-1)?.percent} % up to date${closed ? `, closed: ${closed.because}` : ""}`,
      );
    }
  },
});
