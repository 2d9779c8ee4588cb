import Glibc

/// Asks a sandbox what it looks like from within, instead of believing that every option took hold.
struct Probe {
    private static let namespaces: [(String, Layer)] = [
        ("user", .userNamespace), ("pid", .processNamespace), ("net", .networkNamespace),
        ("mnt", .mountNamespace), ("ipc", .ipcNamespace), ("uts", .hostNamespace),
    ]

    /// The first lines are the namespaces, then come the files.
    private static let script = """
        for name in user pid net mnt ipc uts; do
            echo "$name: $(readlink /proc/self/ns/$name)"
        done
        cat /proc/self/status /proc/self/limits
        echo "environment: $(wc -c < /proc/1/environ)"
        """

    let runner: Runner

    /// Runs a command in the sandbox and compares. No layer holds where that fails.
    func report() async -> LayerReport {
        guard case .bubblewrap(let bubblewrap) = runner.confinement else {
            return LayerReport(holding: [], trouble: "isolation was turned off")
        }
        let order = Order(command: ["/bin/sh", "-c", Self.script], limits: Limits(), key: "probe")
        do {
            let outcome = try await runner.run(order, id: "probe", patience: .seconds(60))
            guard outcome.ending == .exited(0) else {
                return LayerReport(
                    holding: [], trouble: "the probe failed: \(outcome.standardError.prefix(300))")
            }
            return LayerReport(holding: layers(outcome.standardOutput, order.limits, bubblewrap))
        } catch {
            return LayerReport(holding: [], trouble: "\(error)")
        }
    }

    private func layers(
        _ text: String, _ limits: Limits, _ bubblewrap: Bubblewrap
    ) -> Set<Layer> {
        var facts: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 {
                facts[String(parts[0])] = String(parts[1].drop { $0.isWhitespace })
            }
        }
        var holding: Set<Layer> = []
        func hold(_ layer: Layer, if condition: Bool) {
            if condition { holding.insert(layer) }
        }
        for (name, layer) in Self.namespaces {
            let inside = facts[name] ?? ""
            hold(layer, if: !inside.isEmpty && inside != linkTarget("/proc/self/ns/\(name)"))
        }
        let capabilities = ["CapEff", "CapPrm", "CapBnd"].map { facts[$0] ?? "?" }
        hold(.noCapabilities, if: capabilities.allSatisfy { $0.allSatisfy { $0 == "0" } })
        hold(.noNewPrivileges, if: facts["NoNewPrivs"] == "1")
        hold(.systemCallFilter, if: facts["Seccomp"] == "2")
        hold(.emptyEnvironment, if: facts["environment"] == "0")
        hold(.processLimits, if: hasLimit(text, limits))
        hold(.controlGroup, if: runner.groups != nil)
        hold(.ownUser, if: bubblewrap.user != nil)
        return holding
    }

    private func hasLimit(_ text: String, _ limits: Limits) -> Bool {
        let line = text.split(separator: "\n").first { $0.hasPrefix("Max processes") } ?? ""
        return line.split(separator: " ").dropFirst(2).first.map(String.init)
            == "\(limits.processes)"
    }
}
