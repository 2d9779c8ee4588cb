import { useLayoutEffect, useRef } from "react";
import { Overlay } from "./dialog";
import { singleKeys } from "./settings";
import { Store, useStore } from "./store";

/** Something a person can do now: by a key, from the palette, or both. */
export interface Command {
  id: string;
  name: string;
  group: string;
  /** "P", "G H", or "Mod+Enter". */
  keys?: string;
  icon?: string;
  hint?: string;
  run: () => void;
}

const sources = new Store<Command[][]>([]);

/** Offers commands for as long as a component is shown. Later ones win over earlier keys. */
export function useCommands(commands: Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const shape = commands.map((one) => `${one.id}|${one.name}|${one.keys ?? ""}`).join("\n");
  // Before anything is painted: a key does what the screen says from its first moment.
  useLayoutEffect(() => {
    const own = latest.current.map((command) => ({
      ...command,
      run: () => latest.current.find((one) => one.id === command.id)?.run(),
    }));
    sources.set((all) => [...all, own]);
    return () => sources.set((all) => all.filter((one) => one !== own));
  }, [shape]);
}

export function useAllCommands(): Command[] {
  return [...useStore(sources)].reverse().flat();
}

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function keyCaps(keys: string): string[] {
  return keys.split(" ").flatMap((part) =>
    part.startsWith("Mod+")
      ? [(isMac ? "⌘" : "Ctrl ") + part.slice(4).replace("Enter", "↵")] : [part]);
}

export function Keys({ keys }: { keys: string }) {
  return <>{keyCaps(keys).map((cap, at) => <kbd key={at}>{cap}</kbd>)}</>;
}

function isField(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.("input:not([type=checkbox]):not([type=range]),textarea,select," +
    "[contenteditable],[role=dialog]");
}

let pending = "";
let pendingAt = 0;

function whenKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const all = [...sources.get()].reverse().flat();
  const isMod = isMac ? event.metaKey : event.ctrlKey;
  let wanted: string;
  if (isMod && !event.altKey) {
    wanted = `Mod+${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
  } else {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (isField(event.target) || !singleKeys.get()) return;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const isFresh = Date.now() - pendingAt < 1_200;
    wanted = pending && isFresh ? `${pending} ${key}` : key;
    pending = "";
    if (all.some((one) => one.keys?.startsWith(`${wanted} `))) {
      pending = wanted;
      pendingAt = Date.now();
      event.preventDefault();
      return;
    }
  }
  const found = all.find((one) => one.keys === wanted);
  if (!found) return;
  event.preventDefault();
  pending = "";
  found.run();
}

export function listenForKeys(): void {
  document.addEventListener("keydown", whenKey);
}

/** Every key that does something here. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const groups = new Map<string, Command[]>();
  for (const command of useAllCommands()) {
    if (!command.keys) continue;
    groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  }
  return (
    <Overlay label="Keyboard shortcuts" className="dialog sheet" onClose={onClose}>
      <div className="card-head">
        <h2>Keyboard shortcuts</h2>
        <button type="button" className="btn sm right" data-first="" onClick={onClose}>
          Close <kbd>esc</kbd>
        </button>
      </div>
      <div className="card-body sheet-groups">
        {[...groups].map(([name, commands]) => (
          <section key={name}>
            <h3 className="t3 sm">{name}</h3>
            <dl className="kv">
              {commands.map((one) => [
                <dt key={one.id}>{one.name}</dt>,
                <dd key={`${one.id}-keys`} className="row g4 end"><Keys keys={one.keys ?? ""} /></dd>,
              ])}
            </dl>
          </section>))}
      </div>
      <div className="card-foot hint">
        Single keys do nothing while you type in a field. They can be switched off under Appearance.
      </div>
    </Overlay>);
}
