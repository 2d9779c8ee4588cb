import { useState, type RefObject } from "react";
import { ask } from "../../frame/api";
import { Overlay } from "../../frame/dialog";
import { plural } from "../../frame/format";
import { complain, say } from "../../frame/notices";
import { put } from "../../frame/query";
import { Icon } from "../../parts/icons";
import type { Session } from "./live";

/** Passages that agents must leave as they are. */
export function Locks(props: { session: Session; field: RefObject<HTMLTextAreaElement> }) {
  const { session, field } = props;
  const [isOpen, setOpen] = useState(false);
  const change = async (locks: string[], word: string) => {
    try {
      put(`session/${session.id}`, await ask("PUT /sessions/{id}/locks", {
        path: { id: session.id }, body: { locks } }));
      say(word);
    } catch (error) {
      complain("The locks were not changed", error);
    }
  };
  const texts = session.locks.map((lock) => lock.text);
  const lock = () => {
    const node = field.current;
    const text = node ? node.value.slice(node.selectionStart, node.selectionEnd).trim() : "";
    if (text) void change([...texts, text], "Locked: agents leave it as it is");
    else setOpen(true);
  };
  return (
    <>
      <button type="button" className="btn sm" onClick={lock}
        title="Locks what you have selected; with nothing selected, shows what is locked">
        <Icon name="lock" size={13} />Lock{texts.length > 0 && ` (${texts.length})`}
      </button>
      {isOpen && (
        <Overlay label="Locked passages" className="dialog" onClose={() => setOpen(false)}>
          <div className="card-head"><h2>Locked passages</h2></div>
          <div className="card-body col">
            <p className="t2">{texts.length === 0
              ? "Nothing is locked. Select words in the text and press Lock: agents leave them as they are."
              : `Agents leave ${plural(texts.length, "passage")} as they are.`}</p>
            <ul className="col g6">
              {session.locks.map((one) => (
                <li className="row" key={one.text}>
                  <span className="grow source clip" dir="auto">{one.text}</span>
                  {one.count === 0 && <span className="tag">No longer in the text</span>}
                  <button type="button" className="btn sm" onClick={() =>
                    void change(texts.filter((text) => text !== one.text), "Free again")}>
                    Unlock</button>
                </li>))}
            </ul>
          </div>
          <div className="card-foot"><button type="button" className="btn right"
            onClick={() => setOpen(false)}>Close</button></div>
        </Overlay>)}
    </>);
}
