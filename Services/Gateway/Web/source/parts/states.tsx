import type { ReactNode } from "react";
import type { Problem } from "../frame/problem";
import type { Pigment } from "../studios";
import { Icon, type IconName } from "./icons";

const states: Record<string, [string, string]> = {
  queued: ["idle", "Queued"], running: ["live", "Running"], waiting: ["wait", "Waiting for you"],
  paused: ["pause", "Paused"], completed: ["ok", "Completed"], failed: ["bad", "Failed"],
  cancelled: ["idle", "Cancelled"], needs_attention: ["wait", "Needs attention"],
};

/** A state by shape, word and colour. */
export function Status({ state, word }: { state: string; word?: string }) {
  const [kind, name] = states[state] ?? ["idle", state];
  return <span className={`st ${kind}`}><i />{word ?? name}</span>;
}

/** Who or which, by pigment and letter. */
export function Who(props: { name: string; pigment: Pigment; isLarge?: boolean; letter?: string }) {
  const letter = props.letter ?? [...props.name][0]?.toUpperCase() ?? "?";
  return (
    <span className={`who ${props.pigment}${props.isLarge ? " lg" : ""}`} aria-hidden="true">
      {letter}
    </span>);
}

export function Tile(props: { icon: IconName; pigment?: Pigment; size?: "lg" | "xs" }) {
  return (
    <span className={`tile ${props.pigment ?? "slate"} ${props.size ?? ""}`}>
      <Icon name={props.icon} size={props.size === "xs" ? 13 : 16} />
    </span>);
}

export function Bar(props: { part: number; label: string; kind?: string; isLarge?: boolean }) {
  const width = `${Math.max(0, Math.min(1, props.part)) * 100}%`;
  return (
    <span className={props.isLarge ? "bar lg" : "bar"} role="img" aria-label={props.label}>
      <span className={props.kind ?? ""} style={{ width }} />
    </span>);
}

export function Empty(props: {
  icon: IconName;
  pigment?: Pigment;
  title: string;
  text: string;
  children?: ReactNode;
}) {
  return (
    <div className="empty">
      <Tile icon={props.icon} pigment={props.pigment} size="lg" />
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      {props.children}
    </div>);
}

export function Skeleton({ rows = 3, label }: { rows?: number; label: string }) {
  return (
    <div className="card-body col g16" aria-busy="true" aria-label={label} role="group">
      {Array.from({ length: rows }, (_, at) => (
        <div className="row g12" key={at}>
          <span className="sk sk-tile" />
          <span className="grow"><span className="sk sk-a" /><span className="sk sk-b" /></span>
          <span className="sk sk-c" />
        </div>))}
    </div>);
}

/** Why something is not shown, and another try. */
export function Trouble({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div className="card-body col" role="alert">
      <p className="b row"><span className="bad-text"><Icon name="warning" /></span>
        {problem.status === 404 ? "This is not here." : "This could not be loaded."}</p>
      <p className="t2">{problem.sentence}</p>
      {retry && (
        <div className="row mt4">
          <button type="button" className="btn sm" onClick={retry}>
            <Icon name="retry" size={14} />Try again
          </button>
        </div>)}
    </div>);
}

/** The same for a whole screen. */
export function ScreenTrouble(props: { title: string; problem: Problem; retry?: () => void }) {
  return (
    <div className="page"><div className="wrap narrow state-page">
      <h1 className="vh">{props.title}</h1>
      <section className="card"><Trouble problem={props.problem} retry={props.retry} /></section>
    </div></div>);
}

export function Banner(props: {
  kind?: "wait" | "bad" | "live" | "ok";
  icon?: IconName;
  role?: "status" | "alert" | "note";
  isBox?: boolean;
  children: ReactNode;
  end?: ReactNode;
}) {
  const name = ["banner", props.kind ?? "", props.isBox ? "box" : ""].join(" ");
  return (
    <div className={name} role={props.role ?? "note"}>
      <Icon name={props.icon ?? "info"} />
      <span className="grow">{props.children}</span>
      {props.end}
    </div>);
}

export function Field(props: {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string;
  end?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="field">
      <div className="row between"><label className="label" htmlFor={props.id}>{props.label}</label>
        {props.end}</div>
      {props.children}
      {props.error && (
        <span className="err" id={`${props.id}-error`}>
          <Icon name="warning" size={13} />{props.error}
        </span>)}
      {props.hint && <span className="hint" id={`${props.id}-hint`}>{props.hint}</span>}
    </div>);
}

export function Segments<Value extends string>(props: {
  label: string;
  options: Array<[Value, string]>;
  value: Value;
  onChange: (value: Value) => void;
}) {
  return (
    <span className="seg" role="group" aria-label={props.label}>
      {props.options.map(([value, name]) => (
        <button type="button" key={value} aria-pressed={props.value === value}
          onClick={() => props.onChange(value)}>{name}</button>))}
    </span>);
}
