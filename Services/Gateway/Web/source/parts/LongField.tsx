import { memo, useLayoutEffect, useRef, type MutableRefObject } from "react";

/** Longer texts are not spell-checked: a browser would read all of it after each key. */
const longestChecked = 60_000;
/** What is longer is put in at once: as an edit that can be undone, 50,000 words take a browser 20 s. */
const longestPasted = 20_000;

interface Props {
  field: MutableRefObject<HTMLTextAreaElement | null>;
  /** What stands in it at first; later the field itself has the text. */
  start: string;
  className: string;
  id?: string;
  label?: string;
  placeholder?: string;
  rows?: number;
  isInvalid?: boolean;
  describedBy?: string;
  onTyped: () => void;
  onLeave?: () => void;
}

/** Puts a long text in the place of what is selected. True when it did. */
function paste(node: HTMLTextAreaElement, event: InputEvent): boolean {
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (text.length < longestPasted || !event.cancelable || event.isComposing) return false;
  event.preventDefault();
  node.setRangeText(text.replace(/\r\n?/g, "\n"), node.selectionStart, node.selectionEnd, "end");
  return true;
}

function set(node: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

/**
 * A field for long texts that is the browser's own: React does not know of it, for it would read the
 * whole text several times for each key.
 */
export const LongField = memo(function LongField(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useLayoutEffect(() => {
    const { field, start } = latest.current;
    const node = document.createElement("textarea");
    node.value = start;
    node.dir = "auto";
    node.spellcheck = start.length < longestChecked;
    let timer: ReturnType<typeof setTimeout>;
    const changed = () => {
      latest.current.onTyped();
      // What has grown long is looked at when the person pauses: to ask for its length reads it all.
      clearTimeout(timer);
      timer = setTimeout(() => { node.spellcheck = node.textLength < longestChecked; }, 500);
    };
    node.addEventListener("input", changed);
    node.addEventListener("beforeinput", (event) => {
      if (paste(node, event)) changed();
    });
    node.addEventListener("blur", () => latest.current.onLeave?.());
    host.current?.append(node);
    field.current = node;
    return () => {
      clearTimeout(timer);
      node.remove();
    };
  }, []);
  useLayoutEffect(() => {
    const node = props.field.current;
    if (!node) return;
    node.className = props.className;
    node.rows = props.rows ?? 2;
    set(node, "id", props.id);
    set(node, "aria-label", props.label);
    set(node, "placeholder", props.placeholder);
    set(node, "aria-describedby", props.describedBy);
    set(node, "aria-invalid", props.isInvalid ? "true" : undefined);
  });
  return <div ref={host} className="long-field" />;
});
