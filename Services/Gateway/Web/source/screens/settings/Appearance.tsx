import { showsTokens, singleKeys, theme, type Theme } from "../../frame/settings";
import { useStore, type Store } from "../../frame/store";

const themes: Array<[Theme, string]> = [
  ["light", "Light"], ["dark", "Dark"], ["system", "As the system"],
];
/** Surface, side, line, text: as the two themes have them. */
const swatches = {
  light: ["#ffffff", "#f6f7f8", "#cdd3da", "#171b20"],
  dark: ["#14181c", "#0d1013", "#38414b", "#e9ecef"],
};

function Picture({ kind }: { kind: Theme }) {
  const half = (colours: string[], from: number, width: number) => (
    <g key={from}>
      <rect x={from} width={width} height="60" fill={colours[0]} />
      <rect x={from} width={width / 4} height="60" fill={colours[1]} />
      <rect x={from + width / 3} y="14" width={width / 2.4} height="5" rx="2" fill={colours[3]} />
      <rect x={from + width / 3} y="26" width={width / 2} height="4" rx="2" fill={colours[2]} />
      <rect x={from + width / 3} y="36" width={width / 2.2} height="4" rx="2" fill={colours[2]} />
    </g>);
  return (
    <svg viewBox="0 0 120 60" aria-hidden="true">
      {kind === "system" ? [half(swatches.light, 0, 60), half(swatches.dark, 60, 60)]
        : half(swatches[kind], 0, 120)}
    </svg>);
}

function Toggle(props: { store: Store<boolean>; name: string; text: string }) {
  const isOn = useStore(props.store);
  return (
    <label className="srow">
      <span><span className="md block">{props.name}</span>
        <span className="t3 sm">{props.text}</span></span>
      <input type="checkbox" className="switch" role="switch" checked={isOn}
        onChange={(event) => props.store.set(event.target.checked)} />
    </label>);
}

export function Appearance() {
  const chosen = useStore(theme);
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>Appearance</h1>
        <p className="t2 mt4">For this browser.</p></div></div>
      <div className="grid c3" role="radiogroup" aria-label="Theme">
        {themes.map(([kind, name]) => (
          <button type="button" key={kind} className="pick theme-pick" role="radio"
            aria-checked={chosen === kind} onClick={() => theme.set(kind)}>
            <Picture kind={kind} /><span className="md">{name}</span>
          </button>))}
      </div>
      <div className="card">
        <Toggle store={showsTokens} name="Show text as it is written"
          text="Off: each turn appears whole." />
        <Toggle store={singleKeys} name="Single-key shortcuts"
          text="P, F, A, R, D and the G and N sequences." />
      </div>
    </>);
}
