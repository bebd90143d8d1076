import { testsOf } from "@carrel/test-kit/vitest";

export default testsOf("cli-soak", { include: ["soak/**/*.test.ts"] });
