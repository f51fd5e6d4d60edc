import { app } from "@azure/functions";
import { consolePage } from "./console/page.js";

/** The console at `/`: a page without data of its own, which reads the API with the key of its address. */
app.http("console", {
  methods: ["GET"],
  // The Functions host has no empty route; an optional segment of no length stands for the root.
  route: "{root:maxlength(0)?}",
  authLevel: "anonymous",
  handler: async () => ({ headers: { "content-type": "text/html; charset=utf-8" }, body: consolePage }),
});
