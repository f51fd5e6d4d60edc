/** Every orchestrator, and with them the activities they call. */
import "./approval.js";
import "./catalogue.js";
import "./group-policies.js";
import "./release.js";
import "./ring.js";
