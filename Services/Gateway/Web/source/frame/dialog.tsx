import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";
import { createPortal } from "react-dom";

const stops = "a[href],button:not([disabled]),input:not([disabled]),select,textarea,[tabindex='0']";

/** What floats over the page: it takes the focus, keeps it, and gives it back. */
export function Overlay(props: {
  label: string;
  className: string;
  /** How what lies behind is covered, where it is not as usual. */
  scrim?: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const first = box.current?.querySelector<HTMLElement>("[data-first]") ??
      box.current?.querySelector<HTMLElement>(stops);
    first?.focus();
    return () => before?.focus();
  }, []);
  const whenKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      props.onClose();
    }
    if (event.key !== "Tab") return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>(stops) ?? [])];
    const edge = event.shiftKey ? all[0] : all[all.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0])?.focus();
  };
  return createPortal(
    <div className={`scrim ${props.scrim ?? ""}`} data-open="" onMouseDown={(event) => {
      if (event.target === event.currentTarget) props.onClose();
    }}>
      <div ref={box} className={props.className} role="dialog" aria-modal="true"
        aria-label={props.label} onKeyDown={whenKey}>
        {props.children}
      </div>
    </div>, document.body);
}

/** A question whose safe answer has the focus: Enter never destroys. */
export function Confirm(props: {
  title: string;
  text: string;
  stay: string;
  act: string;
  isDanger?: boolean;
  onClose: () => void;
  onAct: () => void;
}) {
  return (
    <Overlay label={props.title} className="dialog" onClose={props.onClose}>
      <div className="card-head"><h2>{props.title}</h2></div>
      <div className="card-body"><p className="t2">{props.text}</p></div>
      <div className="card-foot">
        <span className="right row">
          <button type="button" className="btn" data-first="" onClick={props.onClose}>
            {props.stay}
          </button>
          <button type="button" className={props.isDanger ? "btn danger" : "btn primary"}
            onClick={() => { props.onClose(); props.onAct(); }}>
            {props.act}
          </button>
        </span>
      </div>
    </Overlay>);
}
