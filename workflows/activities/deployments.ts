import type * as df from "durable-functions";
import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { bring, noteProblem } from "../../shared/deployments/bring.js";
import { pendingWork, watchDeployments } from "../../shared/deployments/watch.js";
import { graphClient } from "../../shared/graph/client.js";
import { startOnce } from "../client.js";
import { activity } from "../durable.js";
import { DEPLOYMENT, deploymentInstance } from "../names.js";

/** A deployment, or an update policy of chosen devices. */
export const carriedRef = z.object({ kind: z.enum(["deployment", "policy"]), id: z.string().min(1) });

/** Brings the tenant to what was decided; true: more was decided meanwhile. */
export const bringDeployment = activity({
  name: "bringDeployment",
  input: carriedRef,
  run: (ref) => bring(graphClient(), ref, clock.now()),
});

/** What keeps it from the tenant, for people; the hourly look begins it again. */
export const noteDeploymentProblem = activity({
  name: "noteDeploymentProblem",
  input: carriedRef.extend({ problem: z.string() }),
  run: ({ problem, ...ref }) => noteProblem(ref, problem),
});

/** Looks at running deployments, and begins what is still to be carried out, what the look decided included. */
export const lookAtDeployments = activity({
  name: "lookAtDeployments",
  input: z.object({}),
  run: async (_input, { client }) => {
    try {
      await watchDeployments(graphClient(), clock.now());
    } finally {
      await startPendingDeployments(client);
    }
  },
});

async function startPendingDeployments(client: df.DurableClient): Promise<void> {
  for (const ref of await pendingWork()) await startOnce(client, DEPLOYMENT, deploymentInstance(ref.id), ref);
}
