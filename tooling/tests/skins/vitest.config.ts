import { svelte } from "@sveltejs/vite-plugin-svelte";
import { testsOf } from "@carrel/test-kit/vitest";

export default { ...testsOf("skins"), plugins: [svelte({ configFile: false })] };
