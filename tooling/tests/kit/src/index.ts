export { send, type Got, type Sent } from "./send.ts";
