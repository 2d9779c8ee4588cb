extension Duration {
    var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    }
}

/// Two places, or none from a hundred on.
func rounded(_ value: Double) -> String {
    value >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
}

func list(_ values: [Double]) -> String { values.map(rounded).joined(separator: ", ") }

/// Median and tail of what was measured.
func spread(_ values: [Double]) -> String {
    let sorted = values.sorted()
    guard let last = sorted.last else { return "nothing measured" }
    func at(_ share: Double) -> Double {
        sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
    }
    return "p50 \(rounded(at(0.5))), p99 \(rounded(at(0.99))), max \(rounded(last))"
}
