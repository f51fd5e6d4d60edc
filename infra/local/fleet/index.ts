export type { Finding, ReadinessEvent } from "./agents.js";
export { FleetApps } from "./apps.js";
export type { FollowedApp } from "./apps-model.js";
export type { SimulatedDevice } from "./devices.js";
export { Fleet, type FleetOptions } from "./fleet.js";
export type { FleetTenant } from "./population.js";
export { ringSizes } from "./ring-sizes.js";
export { loadScenario, parseScenario, type Scenario, scenarioNames } from "./scenario.js";
export type { DeviceTruth } from "./truth.js";
