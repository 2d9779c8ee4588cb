import { useEffect, useState } from "react";
import { Icon } from "../parts/icons";
import { asProblem } from "./problem";
import { Store, useStore } from "./store";

interface Notice {
  id: number;
  kind: "ok" | "bad" | "note";
  text: string;
  more?: string;
  act?: { name: string; run: () => void };
}

const notices = new Store<Notice[]>([]);
let counter = 0;
const most = 4;

function add(notice: Omit<Notice, "id">): void {
  counter += 1;
  const id = counter;
  notices.set((all) => [...all, { ...notice, id }].slice(-most));
}

/** Something was done. */
export function say(text: string, more?: string, act?: Notice["act"]): void {
  add({ kind: "ok", text, more, act });
}

/** Something was not done, in words that are known already. */
export function warn(text: string, more: string): void {
  add({ kind: "bad", text, more });
}

/** Something could not be done, and why. */
export function complain(text: string, error: unknown, act?: Notice["act"]): void {
  const problem = asProblem(error);
  if (problem.code !== "aborted") add({ kind: "bad", text, more: problem.sentence, act });
}

function Toast({ notice }: { notice: Notice }) {
  const [isHeld, hold] = useState(false);
  const close = () => notices.set((all) => all.filter((one) => one.id !== notice.id));
  useEffect(() => {
    if (isHeld || notice.kind === "bad") return undefined;
    const timer = setTimeout(close, 8_000);
    return () => clearTimeout(timer);
  });
  return (
    <div className="toast" role={notice.kind === "bad" ? "alert" : "status"}
      onMouseEnter={() => hold(true)} onMouseLeave={() => hold(false)}>
      <span className={`toast-mark ${notice.kind}`}>
        <Icon name={notice.kind === "bad" ? "warning" : "check"} />
      </span>
      <div className="grow">
        <div className="md">{notice.text}</div>
        {notice.more && <div className="t2 sm">{notice.more}</div>}
      </div>
      {notice.act && (
        <button type="button" className="btn sm" onClick={() => { close(); notice.act?.run(); }}>
          {notice.act.name}
        </button>)}
      <button type="button" className="btn icon ghost sm" aria-label="Dismiss" onClick={close}>
        <Icon name="close" />
      </button>
    </div>);
}

export function Notices() {
  const all = useStore(notices);
  return (
    <div className="toasts">
      {all.map((notice) => <Toast key={notice.id} notice={notice} />)}
    </div>);
}

// MARK: What a screen reader is told

const spoken = new Store("");

let spokenAt = 0;
/** What comes so soon after another sentence would take its place before it is read out. */
const together = 1_500;

/** One polite sentence for whoever does not see the page. */
export function announce(text: string): void {
  const now = Date.now();
  const before = now - spokenAt < together ? `${spoken.get()} ` : "";
  spokenAt = now;
  // The same sentence twice is news as well.
  spoken.set(before + text === spoken.get() ? `${text}\u00a0` : before + text);
}

export function Announcer() {
  return <div className="vh" role="status" aria-live="polite" id="announce">{useStore(spoken)}</div>;
}
