import { useMemo, useState, type KeyboardEvent } from "react";
import { Icon, type IconName } from "../parts/icons";
import { ask } from "./api";
import { Overlay } from "./dialog";
import { useQuery } from "./query";
import { navigate } from "./router";
import { Keys, useAllCommands, type Command } from "./shortcuts";

const mostRuns = 8;

function fits(command: Command, words: string[]): boolean {
  const text = `${command.name} ${command.group} ${command.hint ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Everything that can be done or opened, by typing a part of its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const commands = useAllCommands();
  const runs = useQuery("runs/palette", () => ask("GET /runs", { query: { limit: 50 } }));
  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const own = commands.filter((one) => one.id !== "palette" && fits(one, words));
    const opened = (runs.data?.items ?? []).map((run): Command => ({
      id: run.id, name: run.title, group: "Runs", icon: "runs", hint: run.state,
      run: () => navigate(`/runs/${run.id}`),
    })).filter((one) => fits(one, words)).slice(0, mostRuns);
    return [...own, ...opened];
  }, [text, commands, runs.data]);
  const chosen = Math.min(at, found.length - 1);
  const choose = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const whenKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setAt((chosen + step + found.length) % found.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      choose(found[chosen]);
    }
  };
  const groups = [...new Set(found.map((one) => one.group))];
  return (
    <Overlay label="Command palette" className="palette" onClose={onClose}>
      <div className="q">
        <Icon name="search" size={16} />
        <input role="combobox" aria-expanded="true" aria-controls="palette-list" value={text}
          aria-activedescendant={found[chosen] ? `option-${found[chosen].id}` : undefined}
          aria-label="Search runs and commands" placeholder="Type a command or the name of a run"
          onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={whenKey} />
        <kbd>esc</kbd>
      </div>
      <div id="palette-list" className="palette-list" role="listbox" aria-label="Results">
        {groups.map((group) => (
          <div key={group} role="group" aria-label={group}>
            <div className="grp" aria-hidden="true">{group}</div>
            {found.filter((one) => one.group === group).map((one) => (
              <div key={one.id} id={`option-${one.id}`} className="opt" role="option"
                aria-selected={found[chosen] === one} onClick={() => choose(one)}
                ref={found[chosen] === one
                  ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}>
                <Icon name={(one.icon ?? "right") as IconName} size={16} />
                <span className="clip">{one.name}</span>
                <span className="keys t3 xs">
                  {one.keys ? <Keys keys={one.keys} /> : one.hint}
                </span>
              </div>))}
          </div>))}
        {found.length === 0 && <p className="grp">Nothing is called “{text}”.</p>}
      </div>
      <div className="foot">
        <span><kbd>↑</kbd> <kbd>↓</kbd> move</span><span><kbd>↵</kbd> choose</span>
        <span className="right"><kbd>?</kbd> all shortcuts</span>
      </div>
    </Overlay>);
}
