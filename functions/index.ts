/** The app's entry: every trigger and every workflow registers itself when it is loaded. */
import "../workflows/index.js";
import "./api/announcements.js";
import "./api/approvals.js";
import "./api/devices.js";
import "./api/groups.js";
import "./api/release-commands.js";
import "./api/releases.js";
import "./api/roles.js";
import "./api/service.js";
import "./catalogue.js";
import "./console.js";
import "./registration.js";
import "./retention.js";
import "./signals.js";
