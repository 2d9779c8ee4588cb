import { Skeleton, Status, Trouble } from "../../parts/states";
import { useModels } from "../../parts/OfflineBanner";

const names: Record<string, string> = {
  anthropic: "Anthropic", openai: "OpenAI", ollama: "Ollama", google: "Google",
  offline: "Offline provider",
};
const settings: Array<[string, string]> = [
  ["Anthropic", "ANTHROPIC_API_KEY"], ["OpenAI, or whatever speaks its API",
    "OPENAI_API_KEY, OPENAI_BASE_URL"], ["Ollama", "found by itself; OLLAMA_URL, OLLAMA_MODEL"],
];

/** Millionths of a dollar for a million tokens, as people quote it. */
function price(value?: number | null): string {
  return value == null ? "–" : `$${(value / 1e6).toFixed(2)}`;
}

/** What can write here, and how more of it is set up. */
export function Models() {
  const models = useModels();
  const items = models.data?.items ?? [];
  const providers = [...new Set(items.map((one) => one.provider))];
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>Models and keys</h1>
        <p className="t2 mt4">What this server can ask, and at which price.</p></div></div>
      {models.loading && <section className="card"><Skeleton label="Loading models" /></section>}
      {models.problem && !models.data && <section className="card">
        <Trouble problem={models.problem} retry={models.reload} /></section>}
      {providers.map((provider) => (
        <section className="card" key={provider} aria-label={names[provider] ?? provider}>
          <div className="card-head"><h2>{names[provider] ?? provider}</h2>
            <span className="right">{provider === "offline"
              ? <span className="tag">Built in</span>
              : <Status state="completed" word="Set up" />}</span></div>
          <div className="scroll-x" tabIndex={0} role="group" aria-label={`Models of ${provider}`}>
            <table className="table">
              <thead><tr><th>Model</th><th className="num">In, per M tokens</th>
                <th className="num">Out, per M tokens</th></tr></thead>
              <tbody>{items.filter((one) => one.provider === provider).map((one) => (
                <tr key={one.model}>
                  <td><span className="row"><span className="mono clip">{one.model}</span>
                    {one.is_default && <span className="tag line">Default</span>}</span></td>
                  <td className="num">{price(one.input_price)}</td>
                  <td className="num">{price(one.output_price)}</td>
                </tr>))}</tbody>
            </table>
          </div>
        </section>))}
      <section aria-labelledby="more">
        <h2 className="set-h2" id="more">Adding a provider</h2>
        <div className="card"><div className="card-body col g12">
          <p className="t2">Keys belong to the server: whoever keeps it sets them in its environment
            and starts the stack again. This server does not take keys of single users yet.</p>
          <dl className="kv left">
            {settings.map(([name, word]) => [
              <dt key={name}>{name}</dt>, <dd key={word} className="mono">{word}</dd>])}
          </dl>
        </div></div>
      </section>
    </>);
}
