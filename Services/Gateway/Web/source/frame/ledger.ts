/** A piece of text that an agent writes now, as `event: token` carries it. */
export interface Token {
  step: string;
  attempt: number;
  agent: string;
  /** Where the piece begins, in UTF-8 bytes. */
  offset: number;
  text: string;
}

export interface Writing {
  step: string;
  attempt: number;
  agent: string;
  text: string;
  /** Length of `text` in UTF-8. */
  bytes: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How many bytes a text has in UTF-8, without making them. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length) {
      bytes += 4;
      at += 1;
    } else bytes += 3;
  }
  return bytes;
}

/**
 * What has been written so far, step by step: each byte once, whatever is sent again.
 *
 * A client that returns is sent the text from its beginning; a new attempt begins at 0 as well.
 */
export class Ledger {
  private static readonly most = 64;
  private readonly writings = new Map<string, Writing>();

  get(step: string): Writing | undefined {
    return this.writings.get(step);
  }

  /** False when something between is missing, so that the stream must be asked for again. */
  take(token: Token): boolean {
    const known = this.writings.get(token.step);
    if (known && token.attempt < known.attempt) return true;
    const isNew = !known || token.attempt > known.attempt;
    const bytes = isNew ? 0 : known.bytes;
    if (token.offset > bytes) return false;
    const fresh = dropBytes(token.text, bytes - token.offset);
    if (!fresh && !isNew) return true;
    this.writings.set(token.step, {
      step: token.step, attempt: token.attempt, agent: token.agent,
      text: (isNew ? "" : known.text) + fresh, bytes: bytes + utf8Length(fresh),
    });
    if (this.writings.size > Ledger.most) {
      this.writings.delete(this.writings.keys().next().value as string);
    }
    return true;
  }

  forget(step: string): void {
    this.writings.delete(step);
  }
}

/** The text behind so many of its UTF-8 bytes. */
function dropBytes(text: string, count: number): string {
  if (count <= 0) return text;
  const bytes = encoder.encode(text);
  return count >= bytes.length ? "" : decoder.decode(bytes.subarray(count));
}
