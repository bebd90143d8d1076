import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "node-stream", include: ["test/**/*.test.ts"] } });
