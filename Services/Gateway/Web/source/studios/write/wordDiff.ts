export interface Change {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Beyond this many differences two texts are simply different. */
const mostSteps = 600;

function partsOf(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** What changed between two short texts, word by word (Myers, 1986). */
export function wordDiff(before: string, after: string): Change[] {
  const [a, b] = [partsOf(before), partsOf(after)];
  const most = Math.min(a.length + b.length, mostSteps);
  const trace: Int32Array[] = [];
  const size = 2 * most + 3;
  const reach = new Int32Array(size);
  const middle = most + 1;
  for (let d = 0; d <= most; d++) {
    trace.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
      let x = isDown ? reach[middle + k + 1] : reach[middle + k - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walk(trace, a, b, d, middle);
    }
  }
  return merge([{ kind: "removed", text: before }, { kind: "added", text: after }]);
}

function walk(
  trace: Int32Array[], a: string[], b: string[], steps: number, middle: number,
): Change[] {
  const found: Change[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = steps; d >= 0; d--) {
    const reach = trace[d];
    const k = x - y;
    const isDown = k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
    const before = isDown ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : reach[middle + before];
    const fromY = d === 0 ? 0 : fromX - before;
    while (x > fromX && y > fromY) {
      x--;
      y--;
      found.push({ kind: "same", text: a[x] });
    }
    if (d === 0) break;
    if (isDown) {
      y--;
      found.push({ kind: "added", text: b[y] });
    } else {
      x--;
      found.push({ kind: "removed", text: a[x] });
    }
  }
  return merge(found.reverse());
}

function merge(changes: Change[]): Change[] {
  const merged: Change[] = [];
  for (const change of changes) {
    if (!change.text) continue;
    const last = merged[merged.length - 1];
    if (last?.kind === change.kind) last.text += change.text;
    else merged.push({ ...change });
  }
  return merged;
}
