import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { number, plural, words } from "../../frame/format";
import { showsTokens } from "../../frame/settings";
import { leftAt, useStore, type Store } from "../../frame/store";
import { Passages, type Passage } from "../../parts/Document";
import { Icon } from "../../parts/icons";
import { blocksOf, GrowingBlocks } from "../../parts/markdown";
import { Empty, Segments, Who } from "../../parts/states";
import { Changes } from "./Changes";
import { Editor } from "./Editor";
import { GateCard } from "./GateCard";
import { isOver, type LiveRun, type Session } from "./live";
import { answerOf, isPast, pigmentOf, type Story, type Turn } from "./story";
import { Suggestions } from "./Suggestions";
import type { Mode, View } from "./WriteRun";

interface Props {
  live: LiveRun;
  session: Session;
  story: Story;
  state: string;
  view: Store<View>;
  passages: Passage[];
}

/** Milliseconds in which what a turn changed arrives after the turn itself. */
const patience = 600;

/** The writer whose text is coming in, until the session holds what became of it. */
function useWriter(story: Story, session: Session): Turn | null {
  const isOn = useStore(showsTokens);
  const [held, hold] = useState<Turn | null>(null);
  const before = useRef(session.revision);
  const now = story.now?.role === "writer" ? story.now : null;
  useEffect(() => {
    if (now) hold(now);
    else before.current = session.revision;
  }, [now]);
  // A turn need not have changed anything, and a service may have died before it told.
  const isSettled = held !== null && isPast(story, held) &&
    answerOf(session, story, held) !== undefined;
  useEffect(() => {
    if (now || !held) return undefined;
    if (session.revision !== before.current || isOver(session.state)) {
      hold(null);
      return undefined;
    }
    if (!isSettled) return undefined;
    const timer = setTimeout(() => hold(null), patience);
    return () => clearTimeout(timer);
  }, [now, held, isSettled, session.revision, session.state]);
  return isOn ? now ?? held : null;
}

/** The new text as far as it has come, and what it has not reached yet. */
function useArriving(
  live: LiveRun, turn: Turn | null, session: Session, story: Story, old: Passage[],
): Passage[] {
  useStore(live.frame);
  const blocks = useRef(new GrowingBlocks());
  const step = useRef("");
  if (step.current !== turn?.step) {
    step.current = turn?.step ?? "";
    blocks.current = new GrowingBlocks();
  }
  // What the line did not bring to its end, the session has.
  const text = turn
    ? answerOf(session, story, turn) ?? live.ledger.get(turn.step)?.text ?? "" : "";
  return useMemo(() => {
    if (!turn) return old;
    const by = pigmentOf(session.agents, turn.agent);
    const fresh = blocks.current.take(text)
      .map((one, at, all): Passage => ({ text: one, by, isNow: at === all.length - 1 }));
    const rest = old.slice(fresh.length).map((one): Passage => ({ ...one, isAhead: true }));
    return [...fresh, ...rest];
  }, [text, turn, old, session.agents]);
}

/** Frames in which a long document has been made. */
const mostTries = 300;

/** Milliseconds between two looks at where the text has come to: each makes the browser lay it out. */
const looks = 150;

/** Takes the pane along with the text until the person looks elsewhere. */
function useCaret(isOn: boolean) {
  const pane = useRef<HTMLElement>(null);
  const [isFollowing, follow] = useState(true);
  useEffect(() => {
    const node = pane.current;
    if (!node) return undefined;
    const leave = () => follow(false);
    node.addEventListener("wheel", leave, { passive: true });
    node.addEventListener("touchmove", leave, { passive: true });
    node.addEventListener("keydown", leave);
    return () => {
      node.removeEventListener("wheel", leave);
      node.removeEventListener("touchmove", leave);
      node.removeEventListener("keydown", leave);
    };
  }, []);
  useEffect(() => {
    if (!isOn || !isFollowing) return undefined;
    const look = () => {
      const box = pane.current;
      const caret = box?.querySelector(".passage.now");
      if (!caret || !box) return;
      const bottom = caret.getBoundingClientRect().bottom - box.getBoundingClientRect().top;
      if (bottom > box.clientHeight - 80 || bottom < 60) {
        box.scrollTop += bottom - box.clientHeight * 0.6;
      }
    };
    const timer = setInterval(look, looks);
    return () => clearInterval(timer);
  }, [isOn, isFollowing]);
  return { pane, isFollowing, follow: () => follow(true) };
}

/** Brings a reader back to the line that a reload took them from. */
function usePlaceKept(id: string, pane: RefObject<HTMLElement>, mayKeep: boolean) {
  const latest = useRef(mayKeep);
  latest.current = mayKeep;
  useEffect(() => {
    const wanted = leftAt.take(id);
    let tries = wanted ? mostTries : 0;
    let frame = 0;
    // A long document is made a few pages at a time.
    const go = () => {
      const box = pane.current;
      if (!box || tries <= 0) return;
      tries -= 1;
      box.scrollTop = wanted;
      if (Math.abs(box.scrollTop - wanted) > 2) frame = requestAnimationFrame(go);
    };
    go();
    const keep = () => latest.current && leftAt.keep(id, pane.current?.scrollTop ?? 0);
    addEventListener("pagehide", keep);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("pagehide", keep);
    };
  }, [id]);
}

function WritingChip({ story, session }: { story: Story; session: Session }) {
  const { now } = story;
  if (!now) return null;
  const pigment = pigmentOf(session.agents, now.agent);
  return (
    <span className={`writing ${pigment}`}>
      <Who name={now.agent} pigment={pigment} />
      {now.agent} is {now.role === "writer" ? "writing" : "reading"}
    </span>);
}

export function DocumentPane(props: Props) {
  const { live, session, story, state, view, passages } = props;
  const look = useStore(view);
  const modes: Array<[Mode, string]> = [
    ["text", "Text"], ["changes", "Changes"],
    ["suggestions", session.open_suggestions > 0
      ? `Suggestions ${number(session.open_suggestions)}` : "Suggestions"],
    ["edit", "Edit"],
  ];
  const chosen = look.turn
    ? story.rounds.flatMap((round) => round.turns).find((turn) => turn.step === look.turn) : null;
  return (
    <section aria-labelledby="document" className="pane doc-pane">
      <div className="pane-head">
        <h2 id="document" className={story.now ? "vh" : "hide-m"}>Document</h2>
        <WritingChip story={story} session={session} />
        <span className="right">
          <Segments label="View" options={modes} value={look.mode}
            onChange={(mode) => view.set((now) => ({ ...now, mode, turn: null }))} />
        </span>
      </div>
      {chosen
        ? <TurnText live={live} session={session} story={story} turn={chosen}
          close={() => view.set((now) => ({ ...now, turn: null }))} />
        : look.mode === "changes" ? <Changes session={session} view={view} />
          : look.mode === "suggestions" ? <Suggestions session={session} />
            : look.mode === "edit" ? <Editor session={session} />
              : <Text live={live} session={session} story={story} state={state}
                passages={passages} />}
      {state === "waiting" && <GateCard live={live} session={session} />}
    </section>);
}

function Text({ live, session, story, state, passages }: Omit<Props, "view">) {
  const writer = useWriter(story, session);
  const arriving = useArriving(live, writer, session, story, passages);
  const isLive = writer !== null;
  const { pane, isFollowing, follow } = useCaret(isLive);
  usePlaceKept(session.id, pane, !isLive || !isFollowing);
  const count = useMemo(() => words(session.document), [session.document]);
  const isEmpty = arriving.length === 0;
  return (
    <article className="scroller" ref={pane} tabIndex={0} aria-label="Text of the document">
      <div className="doc" aria-busy={isLive} data-writer={writer?.step}>
        {!isEmpty && (
          <p className="t3 sm doc-meta">
            {plural(count, "word")}
            {session.pending_edits > 0 && " · your edits wait for the next turn"}
            {session.best_round && isOver(state) && ` · round ${session.best_round} scored best`}
          </p>)}
        <Passages passages={arriving} />
        {isEmpty && (
          <Empty icon="write" pigment="ultra" title="An empty page"
            text={state === "queued" ? "The run has not begun. It starts with the first agent."
              : "The first agent begins from the title."} />)}
      </div>
      {isLive && !isFollowing && (
        <button type="button" className="btn sm follow" onClick={follow}>
          <Icon name="down" size={13} />To what is being written
        </button>)}
    </article>);
}

/** One turn in its own words: what a critic said, or what a writer answered. */
function TurnText(props: {
  live: LiveRun; session: Session; story: Story; turn: Turn; close: () => void;
}) {
  const { live, session, story, turn, close } = props;
  useStore(live.frame);
  const text = answerOf(session, story, turn) ?? live.ledger.get(turn.step)?.text ?? "";
  const by = pigmentOf(session.agents, turn.agent);
  const passages = useMemo(
    () => blocksOf(text).map((one): Passage => ({ text: one, by })), [text, by]);
  return (
    <article className="scroller" tabIndex={0} aria-label={`${turn.agent}, round ${turn.round}`}>
      <div className="doc" aria-busy={turn.state === "running"}>
        <div className="row wrap doc-meta">
          <Who name={turn.agent} pigment={by} isLarge />
          <span className="grow"><b className="block">{turn.agent}, round {turn.round}</b>
            <span className="t3 sm">{turn.provider} · {turn.model}
              {turn.offline && " · offline"} · {plural(words(text), "word")}</span></span>
          <button type="button" className="btn sm" onClick={close}>Back to the document</button>
        </div>
        <Passages passages={passages} />
        {text === "" && <p className="t3">Nothing yet.</p>}
      </div>
    </article>);
}
