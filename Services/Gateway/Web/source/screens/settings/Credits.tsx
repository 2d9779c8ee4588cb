import { ask } from "../../frame/api";
import { ago, credits } from "../../frame/format";
import { useQuery } from "../../frame/query";
import { Link } from "../../frame/router";
import { Skeleton, Trouble } from "../../parts/states";

const kinds: Record<string, string> = {
  grant: "Granted", hold: "Held for a run", capture: "Spent", release: "Came back",
  refund: "Refunded", correction: "Corrected",
};

export function Credits() {
  const money = useQuery("billing", () => ask("GET /billing/status"));
  const ledger = useQuery("ledger", () => ask("GET /billing/ledger", { query: { limit: 50 } }));
  const held = money.data?.credits;
  const items = ledger.data?.items ?? [];
  return (
    <>
      <div className="page-head flat"><div className="grow"><h1>Credits</h1>
        <p className="t2 mt4">One credit is one US cent of a provider’s list price.</p></div></div>
      {money.problem && !money.data && <section className="card">
        <Trouble problem={money.problem} retry={money.reload} /></section>}
      {money.loading && !money.data && <section className="card">
        <Skeleton label="Loading credits" rows={1} /></section>}
      {held && (
        <div className="grid c3">
          <div className="card card-body stat"><div className="v">
            {held.unlimited ? "Unlimited" : credits(held.available)}</div>
            <div className="k">to be spent</div></div>
          <div className="card card-body stat"><div className="v">{credits(held.held)}</div>
            <div className="k">held by runs at work</div></div>
          <div className="card card-body stat"><div className="v">{money.data?.plan}</div>
            <div className="k">plan</div></div>
        </div>)}
      <section className="card" aria-label="Ledger">
        <div className="card-head"><h2>Ledger</h2></div>
        {ledger.loading && <Skeleton label="Loading the ledger" />}
        {ledger.problem && !ledger.data && <Trouble problem={ledger.problem} retry={ledger.reload} />}
        {ledger.data && items.length === 0 && <p className="card-body t2">Nothing yet.</p>}
        {items.length > 0 && (
          <div className="scroll-x" tabIndex={0} role="group" aria-label="Entries">
            <table className="table">
              <thead><tr><th>What</th><th className="hide-s">For</th><th className="num">Credits</th>
                <th className="num">Left</th><th className="hide-s">When</th></tr></thead>
              <tbody>{items.map((one) => (
                <tr key={one.id}>
                  <td>{kinds[one.kind] ?? one.kind}</td>
                  <td className="t2 hide-s">{one.run_id
                    ? <Link href={`/runs/${one.run_id}`}>{one.note ?? "a run"}</Link>
                    : one.note}</td>
                  <td className="num">{one.amount > 0 ? "+" : "−"}
                    {Math.abs(one.amount).toFixed(1)}</td>
                  <td className="num t2">{one.balance.toFixed(1)}</td>
                  <td className="t3 hide-s nowrap"><time dateTime={one.at}>{ago(one.at)}</time></td>
                </tr>))}</tbody>
            </table>
          </div>)}
      </section>
    </>);
}
