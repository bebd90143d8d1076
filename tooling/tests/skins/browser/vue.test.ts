import { describeSkin } from "../src/scenarios.ts";
import { vue } from "../src/vue/skin.ts";

describeSkin(vue);
