import { testsOf } from "@carrel/test-kit/vitest";

export default testsOf("portability", { globalSetup: "src/global-setup.ts" });
