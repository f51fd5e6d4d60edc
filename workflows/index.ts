/** Every orchestrator, and with them the activities they call. */
import "./approval.js";
import "./catalogue.js";
import "./discovery.js";
import "./expedite.js";
import "./feature-releases.js";
import "./group-provisioning.js";
import "./group-removal.js";
import "./policy-health.js";
import "./release.js";
import "./ring.js";
import "./tenant.js";
import "./what-if.js";
