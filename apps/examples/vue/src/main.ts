import { carrel } from "@carrel/vue";
import { createApp } from "vue";
import App from "./App.vue";
import { client } from "./vcenter.ts";
import "./style.css";

createApp(App).use(carrel(client)).mount("#app");
