import { describeRuntime } from "../src/describe-runtime.ts";
import { nodeRuntime } from "../src/runtime.ts";

for (const version of ["22.23.3", "24.21.0", "26.10.0"]) describeRuntime(nodeRuntime(version));
