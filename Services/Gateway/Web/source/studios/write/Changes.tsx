import { memo, useMemo, useState } from "react";
import { ask } from "../../frame/api";
import { number } from "../../frame/format";
import { useQuery } from "../../frame/query";
import { useCommands } from "../../frame/shortcuts";
import { useStore, type Store } from "../../frame/store";
import { Empty, Skeleton, Trouble } from "../../parts/states";
import { isOver, type Session } from "./live";
import type { View } from "./WriteRun";
import { wordDiff, type Change } from "./wordDiff";

interface Piece {
  kind: string;
  text: string;
}

/** Lines of what did not change that stay around a change. */
const context = 3;
/** More pieces are shown on request. */
const mostPieces = 400;

/** A stretch that was rewritten, in words; or one that stayed. */
type Stretch = { kind: "same"; text: string } | { kind: "changed"; before: string; after: string };

function stretches(pieces: Piece[]): Stretch[] {
  const found: Stretch[] = [];
  for (const piece of pieces) {
    const last = found[found.length - 1];
    if (piece.kind === "same") {
      // An empty line between two changed ones belongs to the change.
      found.push({ kind: "same", text: piece.text });
    } else if (last?.kind === "changed") {
      if (piece.kind === "removed") last.before += piece.text;
      else last.after += piece.text;
    } else {
      found.push({ kind: "changed", before: piece.kind === "removed" ? piece.text : "",
        after: piece.kind === "added" ? piece.text : "" });
    }
  }
  return found;
}

export function Words({ changes }: { changes: Change[] }) {
  return (
    <>
      {changes.map((change, at) => (change.kind === "same" ? <span key={at}>{change.text}</span>
        : change.kind === "added" ? <ins key={at}>{change.text}</ins>
          : <del key={at}>{change.text}</del>))}
    </>);
}

const Changed = memo(function Changed({ before, after }: { before: string; after: string }) {
  const changes = useMemo(() => wordDiff(before, after), [before, after]);
  return <div className="changed source" dir="auto"><Words changes={changes} /></div>;
});

/** Markdown as it is written; what heads a part stands out. */
function Source({ lines }: { lines: string[] }) {
  return (
    <>
      {lines.map((line, at) => (
        <span key={at} className={/^#{1,6} /.test(line) ? "b" : undefined}>
          {line}{at < lines.length - 1 && "\n"}
        </span>))}
    </>);
}

function Same({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  const lines = text.replace(/\n$/, "").split("\n");
  const hidden = lines.length - 2 * context;
  if (isOpen || hidden < 4) return <div className="source" dir="auto"><Source lines={lines} /></div>;
  return (
    <>
      <div className="source" dir="auto"><Source lines={lines.slice(0, context)} /></div>
      <button type="button" className="unfold" onClick={() => setOpen(true)}>
        {number(hidden)} lines that did not change
      </button>
      <div className="source" dir="auto"><Source lines={lines.slice(-context)} /></div>
    </>);
}

export function Changes({ session, view }: { session: Session; view: Store<View> }) {
  const look = useStore(view);
  const last = session.rounds.length;
  const to = look.to !== null && look.to <= last ? look.to : null;
  // Of a run that has ended the whole way is asked for, of one at work the last step.
  const usual = isOver(session.state) ? 0 : Math.max(0, last - 1);
  const from = Math.min(look.from ?? usual, last);
  const [isWhole, setWhole] = useState(false);
  const diff = useQuery(`diff/${session.id}/${from}/${to ?? "now"}/${session.revision}`, () =>
    ask("GET /sessions/{id}/diff", {
      path: { id: session.id }, query: { from, to: to ?? undefined } }));
  const move = (by: number) => view.set((now) => ({
    ...now, from: Math.max(0, Math.min(last, from + by)),
    to: to === null ? null : Math.max(0, Math.min(last, to + by)) }));
  useCommands([
    { id: "round-back", name: "Compare from a round earlier", group: "This run", keys: "[",
      run: () => move(-1) },
    { id: "round-on", name: "Compare from a round later", group: "This run", keys: "]",
      run: () => move(1) },
  ]);
  const all = useMemo(() => stretches(diff.data?.pieces ?? []), [diff.data]);
  const shown = isWhole ? all : all.slice(0, mostPieces);
  const rounds = Array.from({ length: last + 1 }, (_, at) => at);
  const name = (round: number) => (round === 0 ? "Draft" : `Round ${round}`);
  return (
    <div className="scroller" tabIndex={0} role="group" aria-label="Changes">
      <div className="doc">
        <div className="row wrap doc-meta">
          <select className="select sm auto" aria-label="From" value={from}
            onChange={(event) => view.set((now) => ({ ...now, from: Number(event.target.value) }))}>
            {rounds.map((round) => <option key={round} value={round}>{name(round)}</option>)}
          </select>
          <span className="t3">to</span>
          <select className="select sm auto" aria-label="To" value={to ?? "now"}
            onChange={(event) => view.set((now) => ({
              ...now, to: event.target.value === "now" ? null : Number(event.target.value) }))}>
            {rounds.map((round) => <option key={round} value={round}>{name(round)}</option>)}
            <option value="now">Now</option>
          </select>
          {diff.data && (
            <span className="t3 sm num">
              <span className="up">+{number(diff.data.words_added)}</span>{" "}
              <span className="down">−{number(diff.data.words_removed)}</span> words
            </span>)}
        </div>
        {diff.loading && !diff.data && <Skeleton label="Comparing" />}
        {diff.problem && <Trouble problem={diff.problem} retry={diff.reload} />}
        {diff.data && !all.some((one) => one.kind === "changed") && (
          <Empty icon="diff" title="Nothing changed"
            text={`${name(from)} and ${to === null ? "the text now" : name(to)} are the same.`} />)}
        {all.some((one) => one.kind === "changed") && shown.map((one, at) => (one.kind === "same"
          ? <Same key={at} text={one.text} />
          : <Changed key={at} before={one.before} after={one.after} />))}
        {shown.length < all.length && (
          <button type="button" className="unfold" onClick={() => setWhole(true)}>
            Show the other {number(all.length - shown.length)} stretches
          </button>)}
      </div>
    </div>);
}
