import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "core-tests", include: ["test/**/*.test.ts"] } });
