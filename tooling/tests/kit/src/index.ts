export { send, type Got, type Sent } from "./send.ts";
export { isSoak, tries } from "./tries.ts";
