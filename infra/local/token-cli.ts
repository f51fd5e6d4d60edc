import { join } from "node:path";
import { Role } from "../../shared/access/roles.js";
import { command, oneOf, text } from "./args.js";
import { Authority } from "./tenant/authority/authority.js";
import { TokenSigner } from "./tenant/authority/tokens.js";
import { guid } from "./tenant/state/ids.js";
import { certificates } from "./tenant/transport/certificates.js";
import { appRoot } from "./world/app-root.js";
import { leftIn } from "./world/state-file.js";

const options = {
  role: oneOf("app role of the person", Object.values(Role), Role.reader),
  state: text("folder of the local system (default: .ringmaster)", "DIR"),
};

/** Prints a bearer token of the local tenant, good for an hour: somebody of that role who calls the API. */
await command("npm run token --", options, async ({ role, state: dir = join(appRoot(), ".ringmaster") }) => {
  const left = leftIn(dir);
  if (left === undefined)
    throw new Error(`'${dir}' holds no local system. Begin one with npm start, or name its folder with --state.`);
  const { tokenKey } = await certificates(join(dir, "certificates"));
  const authority = new Authority(new TokenSigner(tokenKey), left.state.seed, []);
  const person = { oid: guid("token", role), name: `The local ${role}`, roles: [role] };
  console.log(authority.personToken(person, left.authority));
  return 0;
});
