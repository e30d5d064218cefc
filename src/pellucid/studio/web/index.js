export * from "pellucid/shared.js";
