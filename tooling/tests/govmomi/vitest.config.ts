import { defineProject } from "vitest/config";

export default defineProject({ test: { name: "govmomi-client", isolate: false, include: ["test/**/*.test.ts"] } });
