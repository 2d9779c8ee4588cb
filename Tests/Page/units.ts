import { strict as assert } from "node:assert";
import { Ledger, utf8Length } from "../../Services/Gateway/Web/source/frame/ledger";
import { MessageReader } from "../../Services/Gateway/Web/source/frame/stream";
import { words } from "../../Services/Gateway/Web/source/frame/format";
import { blocksOf, GrowingBlocks, render } from "../../Services/Gateway/Web/source/parts/markdown";
import { signInError } from "../../Services/Gateway/Web/source/screens/signInErrors";
import { clientName, issuerName } from "../../Services/Gateway/Web/source/screens/settings/names";
import { wordDiff } from "../../Services/Gateway/Web/source/studios/write/wordDiff";

let seed = 20_261_121;
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
  return seed % below;
}

const letters = ["a", "é", "漢", "👩‍👩‍👧", "\n", "\n\n", " ", "- x\n", "# ", "```\n", "1. y\n", "word "];
function randomText(length: number): string {
  return Array.from({ length }, () => letters[random(letters.length)]).join("");
}

const bytes = (text: string) => new TextEncoder().encode(text).length;

// Each byte once, whatever is cut, sent again from the beginning, or begun anew.
for (let turn = 0; turn < 300; turn++) {
  const ledger = new Ledger();
  const text = randomText(120);
  const points = [...text];
  let attempt = 1;
  let at = 0;
  let sent = "";
  while (at < points.length) {
    const end = Math.min(points.length, at + 1 + random(9));
    const piece = points.slice(at, end).join("");
    const token = { step: "s", attempt, agent: "A", offset: bytes(sent), text: piece };
    assert(ledger.take(token), "what follows is taken");
    sent += piece;
    at = end;
    if (random(6) === 0) {
      // A new connection sends what there is so far, and a little more.
      const more = Math.min(points.length, at + random(5));
      const whole = points.slice(0, more).join("");
      assert(ledger.take({ step: "s", attempt, agent: "A", offset: 0, text: whole }));
      assert(ledger.take(token), "an old piece does no harm");
      sent = whole;
      at = more;
    }
    if (random(40) === 0 && attempt < 4) {
      attempt += 1;
      at = 0;
      sent = "";
    }
    if (at < points.length && random(9) === 0) {
      const gap = { step: "s", attempt, agent: "A", offset: bytes(sent) + 1, text: "?" };
      assert(!ledger.take(gap), "a gap is told");
    }
  }
  assert.equal(ledger.get("s")?.text, text);
  assert.equal(ledger.get("s")?.bytes, bytes(text));
  assert.equal(utf8Length(text), bytes(text));
}

// Messages are the same however the line cuts them.
const stream = ": hello\nretry: 1000\n\nid: 1\nevent: run.started\ndata: {\"a\":\ndata: 1}\n\n" +
  ": still here\n\nevent: token\r\ndata: {\"text\":\"é\"}\r\n\r\nid: 2\ndata: x\n\nid: 3\n\n";
const whole = new MessageReader().take(stream);
assert.deepEqual(whole.map((one) => [one.id, one.type, one.data]), [
  ["1", "run.started", "{\"a\":\n1}"], [null, "token", "{\"text\":\"é\"}"], ["2", "message", "x"]]);
for (let turn = 0; turn < 100; turn++) {
  const reader = new MessageReader();
  const found = [];
  for (let at = 0; at < stream.length;) {
    const end = at + 1 + random(12);
    found.push(...reader.take(stream.slice(at, end)));
    at = end;
  }
  assert.deepEqual(found, whole);
}

// Blocks hold all that is no blank line, and growing ones are those of the whole.
for (let turn = 0; turn < 200; turn++) {
  const text = randomText(150);
  const blocks = blocksOf(text);
  const bare = (all: string) => all.replace(/\s+/g, "");
  assert.equal(bare(blocks.join("")), bare(text));
  const growing = new GrowingBlocks();
  for (let at = 0; at < text.length; at += 1 + random(20)) growing.take(text.slice(0, at));
  assert.deepEqual(growing.take(text), blocks);
}
assert.equal(blocksOf("x".repeat(100_001)).length, 3);

// A difference leads from the one text to the other.
for (let turn = 0; turn < 200; turn++) {
  const before = randomText(random(60));
  const after = random(3) === 0 ? randomText(random(60))
    : before.slice(0, random(before.length + 1)) + randomText(4) + before.slice(random(9));
  const changes = wordDiff(before, after);
  const side = (kind: string) =>
    changes.filter((one) => one.kind !== kind).map((one) => one.text).join("");
  assert.equal(side("added"), before);
  assert.equal(side("removed"), after);
}
assert.deepEqual(wordDiff("one two three", "one 2 three").map((one) => one.kind),
  ["same", "removed", "added", "same"]);

// What a model writes is text.
for (const [text, forbidden] of [
  ["<script>x</script>", "<script"], ["[a](javascript:alert(1))", "href"],
  ["[a](data:text/html,x)", "href"], ["![a](https://x.example/y.png)", "<img"],
  ["| a |\n|--:|\n| b |", "style="], ["<img src=x onerror=y>", "<img"],
]) {
  assert(!render(text).includes(forbidden), `${text} became ${render(text)}`);
}
assert(render("| a |\n|--:|\n| b |").includes("to-right"));
assert.equal(words(" one  two\nthree\u00a0four "), 4);

// Every word that a failed sign-in elsewhere comes back with has a sentence of its own, and any other
// is a failure like any other.
const reasons = [
  "expired", "refused", "unproven", "taken", "linked", "disabled", "limited", "full", "away", "failed"];
assert.equal(new Set(reasons.map((word) => signInError(word)?.[0])).size, reasons.length);
for (const word of ["constructor", "__proto__", "<b>"]) {
  assert.deepEqual(signInError(word), signInError("failed"));
}
assert.equal(signInError(null), null);
assert.equal(signInError(""), null);

// A sign-in is named as its person would name it, and whatever a client calls itself is a name.
const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36";
assert.equal(clientName(chrome), "Chrome on Linux");
assert.equal(clientName(`${chrome} Edg/131.0`), "Edge on Linux");
assert.equal(
  clientName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1"),
  "Safari on iOS");
assert.equal(clientName("curl/8.5.0"), "curl");
assert.equal(clientName(""), "An unnamed program");
assert.equal(issuerName("https://github.com"), "GitHub");
assert.equal(issuerName("https://id.studio.example/realms/a"), "id.studio.example");
assert.equal(issuerName("no address"), "no address");
