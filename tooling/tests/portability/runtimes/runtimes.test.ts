import { describeRuntime } from "../src/describe-runtime.ts";
import { bunRuntime, denoRuntime } from "../src/runtime.ts";

describeRuntime(bunRuntime("1.4.5"));
describeRuntime(denoRuntime("2.9.6"));
