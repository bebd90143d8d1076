import { describeSkin } from "../src/scenarios.ts";
import { svelte } from "../src/svelte/skin.svelte.ts";

describeSkin(svelte);
