import { kept, Store } from "./store";

export type Theme = "light" | "dark" | "system";

const word = kept.get("theme");
export const theme = new Store<Theme>(word === "light" || word === "dark" ? word : "system");
/** Off: each turn appears whole, and is read out once. */
export const showsTokens = new Store(kept.get("tokens") !== "off");
export const singleKeys = new Store(kept.get("keys") !== "off");

const system = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const isDark = theme.get() === "dark" || (theme.get() === "system" && system.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

theme.watch(() => {
  kept.set("theme", theme.get() === "system" ? null : theme.get());
  apply();
});
showsTokens.watch(() => kept.set("tokens", showsTokens.get() ? null : "off"));
singleKeys.watch(() => kept.set("keys", singleKeys.get() ? null : "off"));
system.addEventListener("change", apply);
// Another window of the same browser.
addEventListener("storage", (event) => {
  if (event.key === "atelier.theme") {
    const value = event.newValue;
    theme.set(value === "light" || value === "dark" ? value : "system");
  }
});

export const isDark = (): boolean => document.documentElement.dataset.theme === "dark";
export const switchTheme = (): void => theme.set(isDark() ? "light" : "dark");
