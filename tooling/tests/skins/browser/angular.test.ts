import { angular } from "../src/angular/skin.ts";
import { describeSkin } from "../src/scenarios.ts";

describeSkin(angular);
