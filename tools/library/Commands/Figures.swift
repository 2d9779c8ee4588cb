/// Numbers as a person reads them.
enum Figures {
    /// `1,234,567`
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in "\(number.magnitude)".reversed().enumerated() {
            if index > 0 && index % 3 == 0 { text = "," + text }
            text = "\(digit)" + text
        }
        return number < 0 ? "-" + text : text
    }

    /// At most `places` decimals, without zeros at the end.
    static func decimal(_ number: Double, places: Int = 2) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "-" }
        let scale = (0..<places).reduce(1) { whole, _ in whole * 10 }
        let scaled = Int((abs(number) * Double(scale)).rounded())
        let sign = number < 0 && scaled > 0 ? "-" : ""
        var fraction = String(String(scaled % scale + scale).dropFirst())
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let whole = "\(sign)\(scaled / scale)"
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }

    /// `1 round`, `3 rounds`
    static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `850 ms`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`
    static func time(_ milliseconds: Int) -> String {
        let seconds = milliseconds / 1_000
        switch seconds {
        case ..<1: return "\(milliseconds) ms"
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }
}
