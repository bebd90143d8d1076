import { passwordAuth } from "@carrel/core";
import { relayPlugin } from "@carrel/relay";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The variables are those of the command line tool. They stay in this process: the page sees none of them.
const { VSPHERE_SERVER = "", VSPHERE_THUMBPRINT = "", VSPHERE_USER = "", VSPHERE_PASSWORD = "" } = process.env;

// https://vite.dev/config/
export default defineConfig({
  plugins: [
    svelte(),
    relayPlugin({
      endpoint: VSPHERE_SERVER,
      thumbprint: VSPHERE_THUMBPRINT,
      path: "/vcenter",
      auth: passwordAuth({ username: VSPHERE_USER, password: VSPHERE_PASSWORD }),
    }),
  ],
});
