import { createRoot } from "react-dom/client";
import { App } from "./app";
import { listenForKeys } from "./frame/shortcuts";
import { findPerson } from "./frame/session";

listenForKeys();
void findPerson();
createRoot(document.getElementById("root") as HTMLElement).render(<App />);
