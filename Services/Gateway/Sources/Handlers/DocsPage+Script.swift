extension DocsPage {
    /// Everything is set as text and nothing as markup, so nothing in the document can run.
    static let script = #"""
        "use strict";
        const methods = ["get", "post", "put", "patch", "delete"];
        let reference = {};

        function make(name, attributes = {}, ...children) {
          const element = document.createElement(name);
          for (const [key, value] of Object.entries(attributes)) {
            if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
            else element.setAttribute(key, value);
          }
          for (const child of children.flat()) if (child != null) element.append(child);
          return element;
        }

        function resolved(part) {
          if (!part || !part.$ref) return part;
          const names = part.$ref.split("/").slice(1);
          return names.reduce((at, name) => at && at[name], reference);
        }

        function typeOf(schema) {
          schema = resolved(schema) || {};
          if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
          const type = [].concat(schema.type || "any").join(" or ");
          const range = schema.minimum > -9e15 || schema.maximum < 9e15
            ? ` ${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}` : "";
          const length = schema.maxLength != null
            ? ` of ${schema.minLength ?? 0} to ${schema.maxLength} characters` : "";
          return type + range + length;
        }

        function fields(schema, depth = 0) {
          schema = resolved(schema);
          while (schema && schema.items) schema = resolved(schema.items);
          if (!schema || !schema.properties || depth > 5) return null;
          const required = new Set(schema.required || []);
          return make("ul", { class: "fields" }, Object.keys(schema.properties).sort().map((name) => {
            const field = resolved(schema.properties[name]);
            return make("li", {}, make("code", {}, name), " ",
              make("span", { class: "type" }, typeOf(field)),
              required.has(name) ? make("span", { class: "must" }, " required") : null,
              field.description ? " — " + field.description : null, fields(field, depth + 1));
          }));
        }

        function content(part) {
          return Object.entries((part && part.content) || {}).map(([type, media]) =>
            make("div", {}, make("code", {}, type), fields(media.schema),
              media.example ? make("pre", {}, JSON.stringify(media.example, null, 2)) : null));
        }

        function parameterRows(parameters) {
          if (!parameters.length) return null;
          return make("section", {}, make("h4", {}, "Parameters"), make("ul", { class: "fields" },
            parameters.map((one) => make("li", {}, make("code", {}, one.name), " ",
              make("span", { class: "type" }, `${one.in}, ${typeOf(one.schema)}`),
              one.description ? " — " + one.description : null))));
        }

        function answers(operation) {
          return make("section", {}, make("h4", {}, "Answers"),
            Object.entries(operation.responses).map(([status, given]) => {
              const answer = resolved(given);
              const failed = status >= "4";
              return make("details", { class: failed ? "failure" : "success" },
                make("summary", {}, make("code", {}, status), " ", answer.description), content(answer));
            }));
        }

        function tryOut(method, path, operation, parameters) {
          const inputs = parameters.map((one) => [one, make("input", {
            "aria-label": one.name, placeholder: one.in })]);
          const media = operation.requestBody && operation.requestBody.content["application/json"];
          const body = media ? make("textarea", { rows: 8, "aria-label": "body" }) : null;
          if (body) body.value = JSON.stringify(media.example ?? {}, null, 2);
          const shown = make("pre", { class: "answer", role: "status" });
          async function send(event) {
            event.preventDefault();
            let address = path;
            const query = new URLSearchParams();
            const headers = {};
            for (const [one, input] of inputs) {
              if (one.in === "path") {
                address = address.replace(`{${one.name}}`, encodeURIComponent(input.value));
              } else if (input.value && one.in === "query") query.append(one.name, input.value);
              else if (input.value) headers[one.name] = input.value;
            }
            const token = document.getElementById("token").value.trim();
            if (token) headers.Authorization = "Bearer " + token;
            if (body) headers["Content-Type"] = "application/json";
            if (String(query)) address += "?" + query;
            const started = performance.now();
            shown.textContent = "…";
            try {
              const answer = await fetch(address, {
                method: method.toUpperCase(), headers, body: body ? body.value : undefined });
              const milliseconds = Math.round(performance.now() - started);
              let head = `${answer.status} in ${milliseconds} ms\n`;
              for (const [name, value] of answer.headers) head += `${name}: ${value}\n`;
              if ((answer.headers.get("content-type") || "").startsWith("text/event-stream")) {
                shown.textContent = head + "\n";
                return await follow(answer, shown);
              }
              let text = await answer.text();
              try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* as it is */ }
              shown.textContent = `${head}\n${text.slice(0, 100000)}`;
            } catch (error) {
              shown.textContent = String(error);
            }
          }
          return make("form", { onsubmit: send }, make("h4", {}, "Try it"),
            inputs.map(([one, input]) => make("label", {}, one.name + " ", input)), body,
            make("button", { type: "submit" }, "Send"), shown);
        }

        async function follow(answer, shown) {
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          for (;;) {
            const { done, value } = await reader.read();
            if (done || shown.textContent.length > 100000) return reader.cancel();
            shown.textContent += value;
          }
        }

        function card(path, method, item) {
          const operation = item[method];
          const parameters = (operation.parameters || []).map(resolved);
          const details = make("details", { class: "operation", id: operation.operationId },
            make("summary", {}, make("span", { class: "method " + method }, method.toUpperCase()),
              make("code", {}, path), make("span", { class: "what" }, operation.summary)));
          details.search = `${method} ${path} ${operation.summary}`.toLowerCase();
          details.addEventListener("toggle", () => {
            if (!details.open || details.filled) return;
            details.filled = true;
            const scope = operation["x-scope"];
            details.append(make("p", {}, scope
              ? `Takes a token; an API key needs the scope “${scope}”.` : "Open to anybody."));
            const rows = parameterRows(parameters);
            if (rows) details.append(rows);
            if (operation.requestBody) {
              details.append(make("section", {}, make("h4", {}, "Body"), content(operation.requestBody)));
            }
            details.append(answers(operation), tryOut(method, path, operation, parameters));
          });
          return details;
        }

        function show(list) {
          const groups = new Map();
          for (const [path, item] of Object.entries(reference.paths).sort()) {
            for (const method of methods.filter((name) => item[name])) {
              const tag = item[method].tags[0];
              if (!groups.has(tag)) groups.set(tag, []);
              groups.get(tag).push(card(path, method, item));
            }
          }
          list.replaceChildren(...[...groups].sort().map(([tag, cards]) =>
            make("section", { class: "group" }, make("h2", {}, tag), cards)));
        }

        function filter() {
          const words = document.getElementById("search").value.toLowerCase().split(/\s+/);
          let count = 0;
          for (const group of document.querySelectorAll(".group")) {
            let here = 0;
            for (const one of group.querySelectorAll(".operation")) {
              one.hidden = !words.every((word) => one.search.includes(word));
              if (!one.hidden) here += 1;
            }
            group.hidden = here === 0;
            count += here;
          }
          document.getElementById("count").textContent = `${count} operations`;
        }

        async function main() {
          const list = document.getElementById("list");
          try {
            reference = await (await fetch("/openapi.json")).json();
          } catch (error) {
            list.replaceChildren(make("p", {}, "The reference cannot be read: " + error));
            return;
          }
          document.getElementById("about").prepend(reference.info.description + " ");
          show(list);
          document.getElementById("search").addEventListener("input", filter);
          filter();
          const wanted = location.hash && document.getElementById(location.hash.slice(1));
          if (wanted) { wanted.open = true; wanted.scrollIntoView(); }
        }

        main();

        """#

    static let style = """
        :root { color-scheme: light dark; --line: #8884; --soft: #8882; }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 1rem; }
        header { position: sticky; top: 0; background: Canvas; padding-bottom: .5rem; z-index: 1; }
        h1 { margin: 0; font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
        h4 { margin: 1rem 0 .25rem; }
        .bar { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; }
        .bar label { flex: 1 1 14rem; display: flex; gap: .5rem; align-items: baseline; }
        .bar input { flex: 1; }
        input, textarea, button { font: inherit; padding: .25rem .5rem; }
        textarea { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; }
        .operation { border: 1px solid var(--line); border-radius: .4rem; margin: .3rem 0; }
        .operation > summary { padding: .4rem .6rem; cursor: pointer; }
        .operation > :not(summary) { margin-left: 1rem; margin-right: 1rem; }
        .method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
        .get { color: #1a7f37; } .post { color: #0969da; } .delete { color: #cf222e; }
        .put, .patch { color: #9a6700; }
        .what { opacity: .75; margin-left: .75rem; }
        .type { opacity: .7; } .must { color: #cf222e; }
        .fields { margin: .2rem 0; padding-left: 1.2rem; }
        form label { display: block; margin: .2rem 0; } form { margin-bottom: 1rem; }
        pre { background: var(--soft); padding: .5rem; overflow: auto; max-height: 24rem; }
        pre:empty { display: none; }
        code { font-family: ui-monospace, monospace; }

        """
}
