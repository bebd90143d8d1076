import { testsOf } from "@carrel/test-kit/vitest";

export default testsOf("example of pipelines");
