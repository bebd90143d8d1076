import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "spec-audit", include: ["test/**/*.test.ts"] } });
