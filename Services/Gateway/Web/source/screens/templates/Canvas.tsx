import { memo, useMemo } from "react";
import { Icon } from "../../parts/icons";
import { Who } from "../../parts/states";
import { pigmentOf } from "../../studios/write/story";
import { arrow, boxHeight, draw, frameLeft, frameWidth, labelAt, wayBack, width, type Node } from "./layout";
import { faultAt, faultsOf, type Fault, type TemplateFile } from "./shape";

interface Props {
  file: TemplateFile;
  chosen: string;
  faults: Fault[];
  choose: (pointer: string) => void;
}

function Box({ node, file, chosen, count, choose }: {
  node: Node; file: TemplateFile; chosen: string; count: number; choose: Props["choose"];
}) {
  const kind = node.kind === "gate" ? " gate" : "";
  return (
    <button type="button" className={`node${kind}${count > 0 ? " wrong" : ""}`}
      aria-pressed={chosen === node.pointer} onClick={() => choose(node.pointer)} data-node={node.pointer}
      style={{ left: node.x, top: node.y, width: node.width, height: boxHeight }}>
      <span className="row">
        {node.kind === "agent" && <Who name={node.title} pigment={pigmentOf(file.agents, node.title)} />}
        {node.kind === "gate" && <span className="wait-text"><Icon name="gate" size={16} /></span>}
        {node.kind === "merge" && <Who name="Merge" pigment="slate" />}
        <span className="b clip grow">{node.title}</span>
        {count > 0 && <span className="bad-text"><Icon name="warning" size={13} />
          <span className="vh">{count} wrong</span></span>}
      </span>
      <span className="t3 sm clip block" dir="auto">{node.note}</span>
    </button>);
}

/** The workflow drawn. Whoever cannot see it, or has no room for it, has the outline. */
export const Canvas = memo(function Canvas({ file, chosen, faults, choose }: Props) {
  const drawing = useMemo(() => draw(file), [file]);
  const countOf = (node: Node) => (node.pointer.includes("/parallel/")
    ? (faultAt(faults, node.pointer) ? 1 : 0) : faultsOf(faults, node.pointer));
  return (
    <div className="flow" tabIndex={0} role="group"
      aria-label="Workflow, drawn. The outline lists the same steps in order.">
      <div className="flow-sheet" style={{ width, height: drawing.height }}>
        <svg width={width} height={drawing.height} fill="none" aria-hidden="true">
          {drawing.frames.map((frame) => (
            <g key={frame.pointer}>
              <rect x={frameLeft} y={frame.y} width={frameWidth} height={frame.height} rx="12"
                className={chosen === frame.pointer ? "flow-frame on" : "flow-frame"} />
              {frame.back && <path d={wayBack(frame)} className="flow-back" />}
              {frame.back && <path d={arrow(frame)} className="flow-back" />}
            </g>))}
          {drawing.wires.map((wire, at) => <path key={at} d={wire} className="flow-wire" />)}
        </svg>
        {drawing.frames.map((frame) => (
          <button type="button" key={frame.pointer} aria-pressed={chosen === frame.pointer}
            className={`tag flow-label${faultsOf(faults, frame.pointer) > 0 ? " wrong" : ""}`}
            style={{ left: frameLeft + 14, top: frame.y - 11 }} data-node={frame.pointer}
            onClick={() => choose(frame.pointer)}>
            <Icon name="retry" size={12} />{frame.label}
          </button>))}
        {drawing.frames.filter((frame) => frame.back).map((frame) => (
          <span key={frame.pointer} className="tag live flow-again" aria-hidden="true"
            style={{ left: labelAt(frame).x, top: labelAt(frame).y - 10 }}>{frame.back}</span>))}
        {drawing.nodes.map((node) => (
          <Box key={node.pointer} node={node} file={file} chosen={chosen} count={countOf(node)}
            choose={choose} />))}
      </div>
    </div>);
});
