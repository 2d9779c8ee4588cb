import MarkdownIt from "markdown-it";

/**
 * Markdown of models, made harmless: no raw HTML, no `javascript:`, no picture from elsewhere (an
 * address in one could tell a stranger what is read here), no style attribute.
 */
const renderer = new MarkdownIt({ html: false, linkify: false });

renderer.renderer.rules.link_open = (tokens, at, options, _env, self) => {
  tokens[at].attrSet("rel", "noopener noreferrer nofollow");
  tokens[at].attrSet("target", "_blank");
  return self.renderToken(tokens, at, options);
};

renderer.renderer.rules.image = (tokens, at) => {
  const source = tokens[at].attrGet("src") ?? "";
  const text = renderer.utils.escapeHtml(tokens[at].content || source);
  const address = renderer.utils.escapeHtml(source);
  return `<a class="picture" href="${address}" rel="noopener noreferrer nofollow" target="_blank">` +
    `Picture: ${text}</a>`;
};

// Columns say how they are aligned by a style attribute, which our policy refuses.
for (const rule of ["th_open", "td_open"]) {
  renderer.renderer.rules[rule] = (tokens, at, options, _env, self) => {
    const style = tokens[at].attrGet("style") ?? "";
    tokens[at].attrs = null;
    const side = /right|center/.exec(style)?.[0];
    if (side) tokens[at].attrSet("class", `to-${side}`);
    return self.renderToken(tokens, at, options);
  };
}

// What scrolls by itself is reached with the keyboard.
for (const rule of ["fence", "code_block"]) {
  const usual = renderer.renderer.rules[rule];
  renderer.renderer.rules[rule] = (...all) =>
    (usual ? usual(...all) : "").replace(/^<pre/, '<pre tabindex="0"');
}
renderer.renderer.rules.table_open = () => '<table tabindex="0">\n';

/** Beyond this a block is shown as plain text: nested marks cost more than they are worth. */
const longest = 20_000;

export function isPlain(text: string): boolean {
  return text.length > longest;
}

export function render(text: string): string {
  return renderer.render(text);
}

// MARK: Blocks

/** Lists go on over an empty line. */
const listMark = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/;
const fenceMark = /^ {0,3}(`{3,}|~{3,})/;

interface Piece {
  /** Where it begins in the text. */
  at: number;
  text: string;
}

/**
 * Cuts a document into blocks that can be rendered one by one, so that a changed or growing text
 * costs its last block and not the whole.
 */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let block: string[] = [];
  let start = 0;
  let fence: string | null = null;
  let gap = 0;
  let at = 0;
  const close = () => {
    if (block.length > 0) push(pieces, start, block.join("\n"));
    block = [];
    gap = 0;
  };
  for (const line of text.split("\n")) {
    const from = at;
    at += line.length + 1;
    const mark = fenceMark.exec(line)?.[1];
    if (fence !== null) {
      block.push(line);
      if (mark && mark[0] === fence[0] && mark.length >= fence.length) fence = null;
      continue;
    }
    if (line.trim() === "") {
      gap += 1;
      continue;
    }
    const isInList = block.length > 0 && listMark.test(block[0]);
    const goesOn = gap === 0 || (isInList && (/^\s/.test(line) || listMark.test(line)));
    if (!goesOn) close();
    if (block.length === 0) start = from;
    else for (; gap > 0; gap--) block.push("");
    gap = 0;
    block.push(line);
    if (mark) fence = mark;
  }
  close();
  return pieces;
}

/** A line without an end is shown in pieces, for a browser lays out each as a whole. */
function push(pieces: Piece[], start: number, text: string): void {
  for (let at = 0; at < text.length; at += longest * 2) {
    pieces.push({ at: start + at, text: text.slice(at, at + longest * 2) });
  }
}

export function blocksOf(text: string): string[] {
  return piecesOf(text).map((piece) => piece.text);
}

/** The same for a text that grows at its end: what stands is not cut again. */
export class GrowingBlocks {
  private text = "";
  private done: string[] = [];
  /** Where the first block begins that may still change. */
  private settled = 0;

  take(text: string): string[] {
    if (text.length < this.text.length || !text.startsWith(this.text.slice(0, 200))) {
      this.done = [];
      this.settled = 0;
    }
    this.text = text;
    const rest = piecesOf(text.slice(this.settled));
    const blocks = this.done.concat(rest.map((piece) => piece.text));
    // The last two may still change: a list may go on, a fence may close.
    if (rest.length > 2) {
      const first = rest[rest.length - 2];
      this.done = blocks.slice(0, blocks.length - 2);
      this.settled += first.at;
    }
    return blocks;
  }
}
