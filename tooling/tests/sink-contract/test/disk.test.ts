import { testSink } from "../src/index.ts";
import { diskPlace } from "./disk-place.ts";

testSink(diskPlace);
