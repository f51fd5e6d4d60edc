export * from "./attributes/synthesise.js";
export * from "./check-in.js";
export * from "./install.js";
export * from "./outcome.js";
export * from "./parameters.js";
export * from "./report.js";
