import { endOf, type Step, type TemplateFile } from "./shape";

/** A box of the drawing. */
export interface Node {
  pointer: string;
  x: number;
  y: number;
  width: number;
  kind: "agent" | "gate" | "merge";
  title: string;
  note: string;
}

/** What is done again: a frame with a label at its top. */
export interface Frame {
  pointer: string;
  y: number;
  height: number;
  label: string;
  back: string;
  /** Where the way back begins. */
  from: number;
}

export interface Drawing {
  nodes: Node[];
  frames: Frame[];
  wires: string[];
  height: number;
}

export const width = 620;
const middle = width / 2;
const boxWidth = 196;
export const boxHeight = 54;
const gap = 26;
const frameX = 42;

/** Where everything of a workflow stands, from top to bottom. */
export function draw(file: TemplateFile): Drawing {
  const drawing: Drawing = { nodes: [], frames: [], wires: [], height: 0 };
  const seen = new Set<string>();
  const noteOf = (name: string): string => {
    const agent = file.agents.find((one) => one.name === name);
    if (!agent) return "No agent of this template";
    if (agent.role !== "writer") return agent.role === "editor" ? "Edits and scores" : "Criticises and scores";
    const isFirst = !seen.has("writer");
    seen.add("writer");
    return isFirst ? "Writes" : "Revises";
  };
  let y = 20;
  let bottom: number | null = null;
  const enter = (top: number) => {
    if (bottom !== null) drawing.wires.push(`M${middle} ${bottom}V${top}`);
  };
  const box = (pointer: string, kind: Node["kind"], title: string, note: string) => {
    enter(y);
    drawing.nodes.push({ pointer, kind, title, note, x: middle - boxWidth / 2, y, width: boxWidth });
    bottom = y + boxHeight;
    y = bottom + gap;
  };
  const side = (pointer: string, names: string[], merge?: string) => {
    const count = Math.max(names.length, 1);
    const each = Math.min(boxWidth, (width - 2 * frameX - 32 - (count - 1) * 16) / count);
    const left = middle - (count * each + (count - 1) * 16) / 2;
    const top = y + (bottom === null ? 0 : 8);
    names.forEach((name, at) => {
      const x = left + at * (each + 16);
      const centre = x + each / 2;
      if (bottom !== null) {
        drawing.wires.push(`M${middle} ${bottom}C${middle} ${top - 8} ${centre} ${bottom} ${centre} ${top}`);
      }
      drawing.wires.push(`M${centre} ${top + boxHeight}C${centre} ${top + boxHeight + 26} ${middle} ` +
        `${top + boxHeight + 6} ${middle} ${top + boxHeight + 32}`);
      drawing.nodes.push({ pointer: `${pointer}/parallel/${at}`, kind: "agent", title: name,
        note: `${noteOf(name)}, at once`, x, y: top, width: each });
    });
    y = names.length > 0 ? top + boxHeight + 32 : top;
    bottom = names.length > 0 ? null : bottom;
    box(pointer, "merge", merge === "none" ? "All reviews" : "Merge notes",
      merge === "none" ? "Each as it was written" : names.length > 0 ? "Drops repeats" : "No critics yet");
  };
  const walk = (steps: Step[], list: string): void => steps.forEach((step, at) => {
    const pointer = `${list}/${at}`;
    if ("turn" in step) box(pointer, "agent", step.turn || "Nobody", noteOf(step.turn));
    else if ("parallel" in step) side(pointer, step.parallel, step.merge);
    else if ("gate" in step) {
      box(pointer, "gate", "Gate", step.gate.prompt || "What the person is asked");
    } else {
      const top = y + 4;
      const before = bottom;
      if (before !== null) drawing.wires.push(`M${middle} ${before}V${top + 26}`);
      bottom = top + 26;
      y = top + 40;
      walk(step.loop.steps, `${pointer}/loop/steps`);
      const end = bottom ?? y;
      const score = step.loop.until?.score;
      drawing.frames.push({ pointer, y: top, height: end + 20 - top, label: `Loop: ${endOf(step.loop)}`,
        back: step.loop.max < 2 ? "" : score === undefined ? "again" : `below ${score}`, from: end - boxHeight / 2 });
      y = end + 20 + gap;
    }
  });
  walk(file.steps, "/steps");
  drawing.height = y + 10;
  return drawing;
}

/** The way back of a loop, on the right. */
export function wayBack(frame: Frame): string {
  const right = middle + 222;
  const top = frame.y + 28;
  return `M${middle + boxWidth / 2} ${frame.from}H${right - 20}q20 0 20-20V${top + 20}q0-20-20-20H${middle + 10}`;
}

export const frameWidth = width - 2 * frameX;
export const frameLeft = frameX;
export const arrow = (frame: Frame): string =>
  `M${middle + 16} ${frame.y + 22}l-7 6 7 6`;
export const labelAt = (frame: Frame): { x: number; y: number } =>
  ({ x: middle + 222, y: (frame.from + frame.y + 28) / 2 });
