/** Every orchestrator, and with them the activities they call. */
import "./approval.js";
import "./apps.js";
import "./catalogue.js";
import "./deployments.js";
import "./discovery.js";
import "./drivers.js";
import "./expedite.js";
import "./feature-releases.js";
import "./group-provisioning.js";
import "./group-removal.js";
import "./policy-health.js";
import "./quality-policies.js";
import "./release.js";
import "./ring.js";
import "./safeguard-opt-outs.js";
import "./tenant.js";
import "./what-if.js";
