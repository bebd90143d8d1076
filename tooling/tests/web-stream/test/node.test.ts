import { describeStreams } from "../src/scenarios.ts";
import * as servers from "../src/server.ts";

describeStreams("Node", servers);
