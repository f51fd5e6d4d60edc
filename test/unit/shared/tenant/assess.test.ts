import { describe, expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { assess, overall } from "../../../../shared/tenant/assess.js";
import { answering, sku } from "./memory.js";

const DEVICE = "d0000000-0000-4000-8000-000000000001";
const OTHER = "d0000000-0000-4000-8000-000000000002";
const GROUP = "6f000000-0000-4000-8000-000000000001";
const SPARED = "6f000000-0000-4000-8000-000000000002";
const members = (group: string) => `/groups/${group}/transitiveMembers/microsoft.graph.device`;
const target = (type: string, groupId?: string) => ({
  target: { "@odata.type": `#microsoft.graph.${type}`, ...(groupId === undefined ? {} : { groupId }) },
});
const ring = (given: object) => ({ id: "1", displayName: "Own ring", description: "", assignments: [], ...given });
const FINE = {
  "/deviceManagement/deviceConfigurations": [],
  "/deviceManagement/managedDevices": [],
  "/subscribedSkus": [sku()],
  "/identity/conditionalAccess/policies": [],
  "/policies/identitySecurityDefaultsEnforcementPolicy": { isEnabled: false },
  "/deviceManagement": { unlicensedAdminstratorsEnabled: true },
  "/users": [],
  "/admin/serviceAnnouncement/messages": {},
  "/admin/serviceAnnouncement/issues": {},
};

/** Results by check with these answers in place of the fine ones. */
async function results(answers: object, deviceIds: readonly string[] = [DEVICE], optionalChecks = true) {
  const outcomes = await assess(
    answering({ ...FINE, ...answers }),
    { deviceIds: new Set(deviceIds) },
    { optionalChecks },
  );
  return Object.fromEntries(outcomes.map(({ id, result }) => [id, result]));
}

const rings = async (policy: object, deviceIds?: readonly string[]) =>
  (
    await results(
      {
        "/deviceManagement/deviceConfigurations": [ring(policy)],
        [members(GROUP)]: [{ id: DEVICE.replace("d", "a"), deviceId: DEVICE, displayName: "PC" }],
        [members(SPARED)]: [{ id: DEVICE.replace("d", "a"), deviceId: DEVICE, displayName: "PC" }],
      },
      deviceIds,
    )
  ).updateRings;

describe("the readiness assessment", () => {
  it("finds a tenant ready that has nothing in the way", async () => {
    expect(new Set(Object.values(await results({})))).toEqual(new Set(["Ready"]));
  });

  it("runs the three checks of 2023 unless the others are asked for", async () => {
    expect(Object.keys(await results({}, [], false))).toEqual(["updateRings", "coManagement", "licences"]);
    expect(Object.keys(await results({}))).toHaveLength(8);
  });

  it.each(["messages", "issues"])(
    "advises, and no more, where service communications (%s) may not be read",
    async (name) => {
      const refused = { [`/admin/serviceAnnouncement/${name}`]: new AppError("forbidden", "There is no permission.") };
      expect((await results(refused)).serviceCommunications).toBe("Advisory");
    },
  );

  it.each([
    ["updateRings", "/deviceManagement/deviceConfigurations"],
    ["coManagement", "/deviceManagement/managedDevices"],
    ["licences", "/subscribedSkus"],
    ["conditionalAccess", "/identity/conditionalAccess/policies"],
    ["securityDefaults", "/policies/identitySecurityDefaultsEnforcementPolicy"],
    ["unlicensedAdmin", "/deviceManagement"],
    ["serviceAccounts", "/users"],
  ])("ends %s alone in Error when its permission is missing", async (id, path) => {
    const found = await results({ [path]: new AppError("forbidden", "No.") });
    expect(found[id]).toBe("Error");
    expect(Object.values(found).filter((result) => result === "Error")).toHaveLength(1);
  });

  it("says which permission is missing", async () => {
    const [rings] = await assess(answering({ "/subscribedSkus": [], "/deviceManagement/managedDevices": [] }), {
      deviceIds: new Set(),
    });
    expect(rings).toMatchObject({ result: "Error", todo: expect.stringContaining("DeviceManagementConfiguration") });
  });

  it("is not held while Graph is away", async () => {
    const away = new AppError("throttled", "Wait.");
    await expect(results({ "/subscribedSkus": away })).rejects.toBe(away);
  });
});

describe("update rings", () => {
  it.each([
    ["assigned to nobody", {}, "Ready"],
    ["for a group of the service's devices", { assignments: [target("groupAssignmentTarget", GROUP)] }, "Advisory"],
    ["for all devices", { assignments: [target("allDevicesAssignmentTarget")] }, "Advisory"],
    ["for all users", { assignments: [target("allLicensedUsersAssignmentTarget")] }, "Advisory"],
    [
      "for all devices but the service's",
      { assignments: [target("allDevicesAssignmentTarget"), target("exclusionGroupAssignmentTarget", SPARED)] },
      "Ready",
    ],
    [
      "of the service itself",
      { description: "Kept by Ringmaster [0123456789ab]", assignments: [target("groupAssignmentTarget", GROUP)] },
      "Ready",
    ],
  ])("%s", async (_what, policy, result) => {
    expect(await rings(policy)).toBe(result);
  });

  it("for a group of other devices is none of the service's business", async () => {
    expect(await rings({ assignments: [target("groupAssignmentTarget", GROUP)] }, [OTHER])).toBe("Ready");
  });

  it("for all devices is advised against before the first device is registered", async () => {
    expect(await rings({ assignments: [target("allDevicesAssignmentTarget")] }, [])).toBe("Advisory");
  });

  it("for all devices with one of the service's left in is advised against", async () => {
    const assignments = [target("allDevicesAssignmentTarget"), target("exclusionGroupAssignmentTarget", SPARED)];
    expect(await rings({ assignments }, [DEVICE, OTHER])).toBe("Advisory");
  });
});

describe("other checks", () => {
  const workloads = { windowsUpdateForBusiness: true, deviceConfiguration: true, officeApps: true };
  const coManaged = (given: object) => ({
    "/deviceManagement/managedDevices": [
      {
        id: "m1",
        azureADDeviceId: DEVICE,
        managementAgent: "configurationManagerClientMdm",
        configurationManagerClientEnabledFeatures: { ...workloads, ...given },
      },
    ],
  });

  it.each(Object.keys(workloads))("co-management advises when %s is with Configuration Manager", async (workload) => {
    expect((await results(coManaged({}))).coManagement).toBe("Ready");
    expect((await results(coManaged({ [workload]: false }))).coManagement).toBe("Advisory");
  });

  it("licences are Not ready without one, and Error without Intune", async () => {
    expect((await results({ "/subscribedSkus": [] })).licences).toBe("Not ready");
    expect((await results({ "/subscribedSkus": [sku({ servicePlans: [] })] })).licences).toBe("Error");
  });

  const conditional = (state: string, includeUsers: string[]) => ({
    "/identity/conditionalAccess/policies": [{ displayName: "MFA", state, conditions: { users: { includeUsers } } }],
  });

  it.each([
    ["enabled", "All", "Advisory"],
    ["enabled", "someone", "Ready"],
    ["disabled", "All", "Ready"],
  ])("a conditional access policy that is %s for %s", async (state, users, result) => {
    expect((await results(conditional(state, [users]))).conditionalAccess).toBe(result);
  });

  it("security defaults that are on are Not ready", async () => {
    const on = { "/policies/identitySecurityDefaultsEnforcementPolicy": { isEnabled: true } };
    expect((await results(on)).securityDefaults).toBe("Not ready");
  });

  it("unlicensed administrators without access are Not ready", async () => {
    const off = { "/deviceManagement": { unlicensedAdminstratorsEnabled: false } };
    expect((await results(off)).unlicensedAdmin).toBe("Not ready");
  });

  it.each([
    ["msadmin@contoso.example", "Not ready"],
    ["MsAdminInt@contoso.example", "Not ready"],
    ["mstest@contoso.example", "Not ready"],
    ["msadministrator@contoso.example", "Ready"],
  ])("a user %s", async (userPrincipalName, result) => {
    expect((await results({ "/users": [{ userPrincipalName }] })).serviceAccounts).toBe(result);
  });
});

it.each([
  [["Ready", "Advisory", "Not ready", "Error"], "Not ready"],
  [["Ready", "Advisory", "Error"], "Error"],
  [["Ready", "Advisory"], "Advisory"],
  [["Ready"], "Ready"],
] as const)("of %j the worst is %s", (all, worst) => {
  expect(overall(all.map((result) => ({ result })))).toBe(worst);
});
