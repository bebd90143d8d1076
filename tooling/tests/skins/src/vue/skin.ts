import { carrel } from "@carrel/vue";
import { createApp, nextTick, shallowRef } from "vue";
import type { Skin } from "../probe.ts";
import { probeOf } from "./probe.ts";

export const vue: Skin = {
  name: "Vue",
  mount(target, props) {
    const latest = shallowRef(props);
    const app = createApp(probeOf(() => latest.value)).use(carrel(props.client));
    app.mount(target);
    return {
      update(next) {
        latest.value = next;
        return nextTick();
      },
      unmount: () => app.unmount(),
    };
  },
};
