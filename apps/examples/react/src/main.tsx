import { CarrelProvider } from "@carrel/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { client } from "./vcenter.ts";
import "./index.css";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <CarrelProvider client={client}>
      <App />
    </CarrelProvider>
  </StrictMode>,
);
