import { testsOf } from "@carrel/test-kit/vitest";

export default testsOf("snippets", { testTimeout: 60_000 });
