export { fetchRuntime } from "./fetch-runtime.ts";
export { bunRuntime, denoRuntime, nodeRuntime } from "./runtime.ts";
