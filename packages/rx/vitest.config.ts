import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "rx", include: ["test/**/*.test.ts"] } });
