import { testsOf } from "@carrel/test-kit/vitest";

export default testsOf("web-stream-tests");
