import Console

/// A window of the mesh as lines: the services, and below them their methods.
struct MeshTable: Sendable {
    /// What the methods are sorted by; the most first, names from a to z.
    enum Order: String, CaseIterable, Sendable {
        case calls, errors, p50, p99, hand, queue, bytes, name

        var next: Order {
            let all = Self.allCases
            return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
        }
    }

    /// A line, and how it may be shown.
    struct Line: Equatable {
        enum Look { case plain, head, faint, warning, alarm }
        var text: String
        var look = Look.plain
    }

    var order = Order.calls
    /// Methods that did nothing within the window as well.
    var showsIdle = false
    /// The widest a line may be; nil for no limit.
    var room: Int?

    func lines(_ window: MeshWindow) -> [Line] {
        services(window.services) + [Line(text: "")] + methods(window.methods)
    }

    // MARK: Services

    private func services(_ services: [MeshWindow.Service]) -> [Line] {
        let columns = [
            Column("service", isName: true), Column("state", isName: true), Column("uptime", 3),
            Column("cpu"), Column("memory"), Column("files", 5), Column("peers", 4),
            Column("loop p99"), Column("stalls", 2), Column("in hand"), Column("refused", 1),
        ]
        let rows = services.map { service -> [String] in
            guard service.up else {
                return [service.service, "down"] + columns.dropFirst(2).map { _ in "" }
            }
            return [
                service.service, "up", Figures.time(service.uptimeMilliseconds ?? 0),
                "\(Figures.decimal(service.processorPercent ?? 0, places: 1)) %",
                Self.size(Double(service.residentBytes ?? 0)), "\(service.descriptors ?? 0)",
                "\(service.connections ?? 0)", Self.time(service.turnP99Microseconds),
                Self.count(service.stalls ?? 0), "\(service.inHand ?? 0)",
                Self.count(service.refused ?? 0),
            ]
        }
        let looks = services.map { service -> Line.Look in
            guard service.up else { return .alarm }
            return (service.refused ?? 0) + (service.stalls ?? 0) > 0 ? .warning : .plain
        }
        var lines = table(columns, rows, looks)
        for (index, service) in services.enumerated() {
            if let trouble = service.trouble {
                lines[index + 1].text += "   " + Printable.line(trouble)
            }
        }
        return lines
    }

    // MARK: Methods

    private func methods(_ all: [MeshWindow.Method]) -> [Line] {
        let shown = all.filter { showsIdle || $0.calls + $0.inHand + $0.refused > 0 }
        guard !shown.isEmpty else {
            let text = all.isEmpty ? "nothing has been called" : "nothing was called in this time"
            return [Line(text: text, look: .faint)]
        }
        let columns = [
            Column("service", isName: true), Column("method", isName: true), Column("calls/s"),
            Column("errors"), Column("p50"), Column("p99"), Column("longest", 3),
            Column("queue p99", 2), Column("in hand", 1), Column("oldest", 4), Column("in", 5),
            Column("out", 6),
        ]
        let sorted = shown.sorted(by: isBefore)
        let looks = sorted.map { method -> Line.Look in
            if method.refused > 0 || method.held > 0 { return .alarm }
            if method.faults > 0 { return .warning }
            return method.calls + method.inHand == 0 ? .faint : .plain
        }
        var lines = table(columns, sorted.map(Self.cells), looks)
        if sorted.contains(where: \.waits) {
            lines.append(Line(text: "~ waits for news, so its time is no delay", look: .faint))
        }
        return lines
    }

    private static func cells(_ method: MeshWindow.Method) -> [String] {
        [
            method.service, method.waits ? method.method + " ~" : method.method,
            rate(method.callsPerSecond),
            method.faults > 0 ? "\(Figures.decimal(method.errorPercent, places: 1)) %" : "",
            time(method.p50), time(method.p99), time(method.longest), time(method.queueP99),
            count(method.inHand),
            method.inHand > 0 ? time(Double(method.oldestMilliseconds) * 1_000) : "",
            flow(method.bytesInPerSecond), flow(method.bytesOutPerSecond),
        ]
    }

    private func isBefore(_ left: MeshWindow.Method, _ right: MeshWindow.Method) -> Bool {
        func key(_ method: MeshWindow.Method) -> Double {
            switch order {
            case .calls: method.callsPerSecond
            case .errors: Double(method.faults)
            case .p50: method.p50 ?? 0
            case .p99: method.p99 ?? 0
            case .hand: Double(method.inHand)
            case .queue: method.queueP99 ?? 0
            case .bytes: method.bytesInPerSecond + method.bytesOutPerSecond
            case .name: 0
            }
        }
        let (one, other) = (key(left), key(right))
        if one != other { return one > other }
        return (left.service, left.method) < (right.service, right.method)
    }

    // MARK: Cells

    private struct Column {
        /// So wide at least, that numbers which change do not move the others.
        static let least = 7
        let title: String
        /// Those with the largest number are left out first where there is no room; 0 never.
        let rank: Int
        let isName: Bool

        init(_ title: String, _ rank: Int = 0, isName: Bool = false) {
            (self.title, self.rank, self.isName) = (title, rank, isName)
        }
    }

    /// Names to the left, numbers to the right.
    private func table(
        _ columns: [Column], _ rows: [[String]], _ looks: [Line.Look]
    ) -> [Line] {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in
            max(
                all.map { $0[column].count }.max() ?? 0,
                columns[column].isName ? 0 : Column.least)
        }
        var shown = Array(columns.indices)
        while let most = room, shown.reduce(-2, { $0 + widths[$1] + 2 }) > most,
            let last = shown.max(by: { columns[$0].rank < columns[$1].rank }),
            columns[last].rank > 0
        {
            shown.removeAll { $0 == last }
        }
        let texts = all.map { row in
            let cells = shown.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return columns[column].isName ? row[column] + space : space + row[column]
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
        return zip(texts, [.head] + looks).map { Line(text: $0, look: $1) }
    }

    private static func count(_ number: Int) -> String {
        number == 0 ? "" : Figures.grouped(number)
    }

    private static func rate(_ number: Double) -> String {
        switch number {
        case 0: ""
        case ..<10: Figures.decimal(number, places: 1)
        default: Figures.grouped(Int(number.rounded()))
        }
    }

    /// `3 µs`, `1.4 ms`, `12 s`
    static func time(_ microseconds: Double?) -> String {
        guard let time = microseconds else { return "" }
        switch time {
        case ..<10: return "\(Figures.decimal(time, places: 1)) µs"
        case ..<1_000: return "\(Int(time)) µs"
        case ..<10_000: return "\(Figures.decimal(time / 1_000, places: 1)) ms"
        case ..<1_000_000: return "\(Int(time / 1_000)) ms"
        case ..<60_000_000: return "\(Figures.decimal(time / 1_000_000, places: 1)) s"
        default: return Figures.time(Int(time / 1_000))
        }
    }

    /// `12 MB`
    static func size(_ bytes: Double) -> String {
        switch bytes {
        case ..<1_000: "\(Int(bytes)) B"
        case ..<1_000_000: "\(Figures.decimal(bytes / 1_000, places: bytes < 10_000 ? 1 : 0)) kB"
        case ..<1_000_000_000:
            "\(Figures.decimal(bytes / 1_000_000, places: bytes < 10_000_000 ? 1 : 0)) MB"
        default: "\(Figures.decimal(bytes / 1_000_000_000, places: 1)) GB"
        }
    }

    private static func flow(_ bytes: Double) -> String { bytes < 1 ? "" : "\(size(bytes))/s" }
}
