import { carrel } from "@carrel/vue";
import { createApp, createSSRApp, nextTick, shallowRef } from "vue";
import type { MountedProbe, ProbeProps, Skin } from "../probe.ts";
import { probeOf } from "./probe.ts";

export const vue: Skin = {
  name: "Vue",
  server: ["vue/server.ts", "renderVue"],
  mount: (target, props) => start(createApp, target, props),
  hydrate: (target, props) => start(createSSRApp, target, props),
};

function start(create: typeof createApp, target: HTMLElement, props: ProbeProps): MountedProbe {
  const latest = shallowRef(props);
  const app = create(probeOf(() => latest.value)).use(carrel(props.client));
  app.mount(target);
  return {
    update(next) {
      latest.value = next;
      return nextTick();
    },
    unmount: () => app.unmount(),
  };
}
