import Console
import Glibc
import Lifecycle

/// The table on a terminal, drawn anew at each interval until a key or a signal ends it.
struct MeshScreen: Sendable {
    private enum Event {
        case tick
        case key(UInt8)
        case signal
    }

    let workplace: Workplace
    let places: MeshPlaces
    let interval: Duration
    let folder: String

    func run(_ table: MeshTable) async -> ExitCode {
        Signals.catchAll()
        let keyboard = Keyboard(on: workplace.loop)
        // The other screen, without a cursor: what was there before comes back at the end.
        Terminal.piece("\u{1B}[?1049h\u{1B}[?25l")
        defer {
            keyboard?.letGo()
            Terminal.piece("\u{1B}[?25h\u{1B}[?1049l")
        }
        let (events, told) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(16))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: interval)) != nil { told.yield(.tick) }
            }
            group.addTask {
                for await _ in Signals.stream() { told.yield(.signal) }
            }
            group.addTask {
                guard let keyboard else { return }
                for await key in keyboard.keys { told.yield(.key(key)) }
            }
            defer { group.cancelAll() }
            return await show(table, events)
        }
    }

    private func show(_ table: MeshTable, _ events: AsyncStream<Event>) async -> ExitCode {
        var table = table
        var isPaused = false
        var before = await MeshReading.take(places.all)
        var window = MeshWindow(before)
        draw(window, table, "since the start; the first interval is under way")
        for await event in events {
            switch event {
            case .signal: return .success
            case .tick:
                guard !isPaused else { continue }
                let now = await MeshReading.take(places.all)
                window = MeshWindow(now, since: before)
                before = now
            case .key(let key):
                switch Character(UnicodeScalar(key)) {
                case "q", "\u{3}", "\u{4}": return .success
                case "s": table.order = table.order.next
                case "i": table.showsIdle.toggle()
                case " ": isPaused.toggle()
                default: continue
                }
            }
            draw(window, table, isPaused ? "paused" : "every \(Self.words(interval))")
        }
        return .success
    }

    // MARK: Drawing

    private func draw(_ window: MeshWindow, _ table: MeshTable, _ state: String) {
        let (columns, rows) = Self.size
        var table = table
        table.room = columns
        let lines = table.lines(window)
        let room = max(rows - 3, 1)
        var text = "\u{1B}[H"
        func add(_ line: String, _ look: MeshTable.Line.Look) {
            let cut = line.count <= columns ? line : line.prefix(columns - 1) + "…"
            text += styled(String(cut), look) + "\u{1B}[K\n"
        }
        add("mesh of \(folder)   \(Self.clock)   \(state)", .plain)
        let shown = lines.count <= room ? lines[...] : lines.prefix(room - 1)
        for line in shown { add(Printable.text(line.text), line.look) }
        if shown.count < lines.count { add("… \(lines.count - shown.count) more", .faint) }
        text += "\u{1B}[J\u{1B}[\(rows);1H"
        text += styled(
            "q quit   s sort: \(table.order.rawValue)   i idle methods "
                + "\(table.showsIdle ? "on" : "off")   space pause",
            .faint)
        Terminal.piece(text)
    }

    private func styled(_ text: String, _ look: MeshTable.Line.Look) -> String {
        guard workplace.nonEmpty("NO_COLOR") == nil else { return text }
        let code: String
        switch look {
        case .plain: return text
        case .head: code = "1"
        case .faint: code = "2"
        case .warning: code = "33"
        case .alarm: code = "31"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The wall clock's time of day.
    private static var clock: String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }

    static func words(_ time: Duration) -> String {
        "\(Figures.decimal(time / .milliseconds(1) / 1_000, places: 1)) s"
    }
}
