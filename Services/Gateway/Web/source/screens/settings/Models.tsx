import { useModels } from "../../parts/OfflineBanner";
import { Skeleton, Trouble } from "../../parts/states";
import { nameOf } from "./providers";

const settings: Array<[string, string]> = [
  ["Anthropic", "ANTHROPIC_API_KEY"], ["OpenAI, or whatever speaks its API",
    "OPENAI_API_KEY, OPENAI_BASE_URL"], ["Ollama", "found by itself; OLLAMA_URL, OLLAMA_MODEL"],
];

/** Millionths of a dollar for a million tokens, as people quote it. */
function price(value?: number | null): string {
  return value == null ? "–" : `$${(value / 1e6).toFixed(2)}`;
}

/** What can write here with the server's own keys, and at which price. */
export function Models() {
  const models = useModels();
  const items = models.data?.items ?? [];
  return (
    <>
      <section aria-labelledby="models-title">
        <h2 className="set-h2" id="models-title">Models of this server</h2>
        <div className="card">
          {models.loading && <Skeleton label="Loading models" />}
          {models.problem && !models.data &&
            <Trouble problem={models.problem} retry={models.reload} />}
          {items.length > 0 && (
            <div className="scroll-x" tabIndex={0} role="group" aria-label="Models and prices">
              <table className="table">
                <thead><tr><th>Model</th><th>Provider</th>
                  <th className="num">In, per M tokens</th>
                  <th className="num">Out, per M tokens</th></tr></thead>
                <tbody>{items.map((one) => (
                  <tr key={`${one.provider}/${one.model}`}>
                    <td><span className="row"><span className="mono clip">{one.model}</span>
                      {one.is_default && <span className="tag line">Default</span>}</span></td>
                    <td className="t2 nowrap">{nameOf(one.provider)}</td>
                    <td className="num">{price(one.input_price)}</td>
                    <td className="num">{price(one.output_price)}</td>
                  </tr>))}</tbody>
              </table>
            </div>)}
        </div>
      </section>
      <section aria-labelledby="more">
        <h2 className="set-h2" id="more">A key for everybody here</h2>
        <div className="card"><div className="card-body col g12">
          <p className="t2">Whoever keeps this server sets it in its environment and starts the stack
            again.</p>
          <dl className="kv left">
            {settings.map(([name, word]) => [
              <dt key={name}>{name}</dt>, <dd key={word} className="mono">{word}</dd>])}
          </dl>
        </div></div>
      </section>
    </>);
}
