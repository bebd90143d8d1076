import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "govmomi-client", include: ["test/**/*.test.ts"] } });
