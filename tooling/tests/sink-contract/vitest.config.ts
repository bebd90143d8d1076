import { testsOf } from "@carrel/test-kit/vitest";

export default testsOf("sink-contract", { testTimeout: 60_000 });
