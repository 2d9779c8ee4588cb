import { memo, useEffect, useMemo, useState } from "react";
import type { Pigment } from "../studios";
import { isPlain, render } from "./markdown";

/** A block and whose it is. */
export interface Passage {
  text: string;
  by?: Pigment;
  /** Where text is coming in. */
  isNow?: boolean;
  /** The writer has not come to it yet. */
  isAhead?: boolean;
}

/** Blocks a chunk: what is off the screen is neither laid out nor painted. */
const chunkSize = 24;
/** Chunks that are made in one frame. */
const stride = 6;

const Block = memo(function Block({ text, by, isNow, isAhead }: Passage) {
  const html = useMemo(() => (isPlain(text) ? null : render(text)), [text]);
  const name = `passage${by ? ` by ${by}` : ""}${isNow ? " now" : ""}${isAhead ? " ahead" : ""}`;
  if (html === null) return <p className={`${name} giant`} dir="auto">{text}</p>;
  return <div className={name} dir="auto" dangerouslySetInnerHTML={{ __html: html }} />;
});

interface ChunkProps {
  passages: Passage[];
}

function sameChunk(a: ChunkProps, b: ChunkProps): boolean {
  return a.passages.length === b.passages.length && a.passages.every((one, at) =>
    one.text === b.passages[at].text && one.by === b.passages[at].by &&
    one.isNow === b.passages[at].isNow && one.isAhead === b.passages[at].isAhead);
}

const Chunk = memo(function Chunk({ passages }: ChunkProps) {
  return (
    <div className="chunk">
      {passages.map((one, at) => <Block key={at} {...one} />)}
    </div>);
}, sameChunk);

/** A long document, made a few pages at a time and from its beginning. */
export function Passages({ passages }: { passages: Passage[] }) {
  const chunks = useMemo(() => {
    const all: Passage[][] = [];
    for (let at = 0; at < passages.length; at += chunkSize) {
      all.push(passages.slice(at, at + chunkSize));
    }
    return all;
  }, [passages]);
  const [shown, setShown] = useState(stride);
  useEffect(() => {
    if (shown >= chunks.length) return undefined;
    const frame = requestAnimationFrame(() => setShown((count) => count + stride));
    return () => cancelAnimationFrame(frame);
  }, [shown, chunks.length]);
  return <>{chunks.slice(0, shown).map((chunk, at) => <Chunk key={at} passages={chunk} />)}</>;
}
