import { useEffect, useRef, useState } from "react";
import { ask } from "../../frame/api";
import { plural, words } from "../../frame/format";
import { complain, say } from "../../frame/notices";
import { put, refresh } from "../../frame/query";
import { useCommands } from "../../frame/shortcuts";
import { kept } from "../../frame/store";
import { LongField } from "../../parts/LongField";
import { Banner } from "../../parts/states";
import { Locks } from "./Locks";
import type { Session } from "./live";

interface Draft {
  base: string;
  text: string;
}

function keptDraft(id: string): Draft | null {
  try {
    const found = JSON.parse(kept.get(`draft.${id}`) ?? "null");
    return found && typeof found.text === "string" ? found : null;
  } catch {
    return null;
  }
}

/** Waits until the browser has nothing better to do, but not for long. */
function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: 1_500 });
  else act();
}

/**
 * A person's own words in the document. What is typed is kept through a reload; for each key only a
 * mark is set, and the text is read when the person pauses.
 */
export function Editor({ session }: { session: Session }) {
  const field = useRef<HTMLTextAreaElement | null>(null);
  const [start] = useState(() => keptDraft(session.id) ??
    { base: session.revision, text: session.document });
  const base = useRef(start.base);
  const [isChanged, setChanged] = useState(start.text !== session.document);
  const [count, setCount] = useState(() => words(start.text));
  const [isBusy, setBusy] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const isBehind = base.current !== session.revision;
  // What agents wrote meanwhile comes into a text that nobody has touched.
  useEffect(() => {
    if (!field.current || isChanged || base.current === session.revision) return;
    base.current = session.revision;
    field.current.value = session.document;
    setCount(words(session.document));
  }, [session.revision, session.document, isChanged]);
  const isUnkept = useRef(false);
  const keep = () => {
    clearTimeout(timer.current);
    if (!isUnkept.current || !field.current) return;
    isUnkept.current = false;
    const text = field.current.value;
    setCount(words(text));
    kept.set(`draft.${session.id}`, JSON.stringify({ base: base.current, text }));
  };
  // Also what was typed in the last moment before the editor is left, or the page.
  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, []);
  const typed = () => {
    if (!isChanged) setChanged(true);
    isUnkept.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => whenIdle(keep), 400);
  };
  const discard = () => {
    clearTimeout(timer.current);
    isUnkept.current = false;
    kept.set(`draft.${session.id}`, null);
    base.current = session.revision;
    if (field.current) field.current.value = session.document;
    setCount(words(session.document));
    setChanged(false);
  };
  const save = async () => {
    const text = field.current?.value ?? "";
    keep();
    setBusy(true);
    try {
      const next = await ask("PUT /sessions/{id}/document", {
        path: { id: session.id }, body: { document: text, base: base.current } });
      kept.set(`draft.${session.id}`, null);
      base.current = next.revision;
      put(`session/${session.id}`, next);
      refresh(`session/${session.id}`);
      setChanged(false);
      say("Saved", next.pending_edits > 0 ? "Agents have it before the next turn." : undefined);
    } catch (error) {
      complain("Your text was not saved; it is kept on this page", error);
    } finally {
      setBusy(false);
    }
  };
  useCommands([{ id: "save", name: "Save your text", group: "This run", keys: "Mod+Enter",
    icon: "check", run: () => void save() }]);
  return (
    <div className="editor">
      {isChanged && isBehind && (
        <Banner kind="live"><b>The text has moved on while you wrote.</b> Saving merges both; where you
          and an agent changed the same sentence, yours stands.</Banner>)}
      <LongField field={field} start={start.text} className="textarea" onTyped={typed}
        label="Text of the document, Markdown" />
      <div className="card-foot">
        <span className="t3 sm num">{plural(count, "word")}{isChanged && " · not saved"}</span>
        <span className="right row g6">
          <Locks session={session} field={field} />
          <button type="button" className="btn sm" disabled={!isChanged || isBusy} onClick={discard}>
            Discard
          </button>
          <button type="button" className={`btn primary sm${isBusy ? " busy" : ""}`}
            disabled={!isChanged || isBusy} onClick={() => void save()}>Save</button>
        </span>
      </div>
    </div>);
}
