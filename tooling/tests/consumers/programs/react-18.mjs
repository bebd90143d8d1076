// The program that runs on React 18: mounts a component twice, as StrictMode does, and prints as JSON what was seen.
import { createClient, passwordAuth } from "@carrel/core";
import { CarrelProvider, useDownloadSession } from "@carrel/react";
import { startSimulator } from "@carrel/simulator";
import { createElement, StrictMode, version } from "react";
import { create } from "react-test-renderer";

const simulator = await startSimulator({ libraries: [{ name: "images", items: [{ name: "debian", id: "item-1" }] }] });
const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
const phases = [];
let isActive = () => {};
const active = new Promise((resolve) => (isActive = resolve));

function Phase() {
  const { status, value } = useDownloadSession("item-1", { lingerMs: 10 });
  const phase = value?.phase ?? status;
  if (phases.at(-1) !== phase) phases.push(phase);
  if (phase === "active") isActive();
  return createElement("p", null, phase);
}

const mounted = create(
  createElement(StrictMode, null, createElement(CarrelProvider, { client }, createElement(Phase))),
);
await active;
const openWhileMounted = simulator.openSessions.length;
mounted.unmount();
await client.close();
const calls = ["create", "delete"].map(
  (name) => simulator.journal.filter(({ operation }) => operation === `downloadSession.${name}`).length,
);
console.log(JSON.stringify({ version, phases, openWhileMounted, calls, left: simulator.openSessions.length }));
await simulator.close();
