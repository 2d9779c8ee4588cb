import Console
import Glibc
import Mesh
import Wire

/// Prints what a capture holds, message by message.
struct CapturePrinter: Sendable {
    /// Requests whose replies are awaited, to say how long they took.
    private static let mostPairs = 65_536
    /// Bytes that are shown of a message that cannot be read.
    private static let glimpse = 64

    var service: String?
    var method: String?
    var call: String?
    var limit = Int.max

    init() {}

    /// By the flags of `atelier wire`.
    init(_ arguments: Arguments) throws(UsageError) {
        service = try arguments.value("service")
        method = try arguments.value("method")
        call = try arguments.value("call")
        limit = try arguments.integer("limit", in: 1...1_000_000_000) ?? .max
    }

    /// Prints a file, after the one that it took the place of, if that is still there.
    func show(_ file: String) throws -> ExitCode {
        var sent: [Int: Int64] = [:]
        var shown = 0
        let older = "\(file).1"
        for part in access(older, R_OK) == 0 ? [older, file] : [file] {
            do throws(CaptureError) {
                try show(part, &shown, &sent)
            } catch {
                throw Refusal(error.exitCode, Printable.line(error.description, limit: 500))
            }
        }
        if shown == 0 { Terminal.error("no message of this kind in \(file)") }
        return .success
    }

    private func show(
        _ file: String, _ shown: inout Int, _ sent: inout [Int: Int64]
    ) throws(CaptureError) {
        var reader = try CaptureReader(file)
        while shown < limit, let message = try reader.next() {
            var took: Int64?
            switch message.kind {
            case .request where sent.count < Self.mostPairs: sent[message.number] = message.time
            case .reply: took = sent.removeValue(forKey: message.number).map { message.time - $0 }
            default: break
            }
            guard isWanted(message) else { continue }
            shown += 1
            Terminal.out(Printable.text(text(message, took)))
        }
    }

    func isWanted(_ message: CapturedMessage) -> Bool {
        guard message.kind != .lost else { return true }
        return (service ?? message.service) == message.service
            && (method ?? message.method) == message.method
            && (call ?? message.call) == message.call
    }

    /// One message; `took` is how many microseconds after its request a reply came.
    func text(_ message: CapturedMessage, _ took: Int64?) -> String {
        guard message.kind != .lost else {
            return "\(Self.clock(message.time))  \(message.service)  "
                + "/ \(Figures.count(message.size, "message")) lost: they came too fast /\n"
        }
        let what = message.kind == .request ? "request" : "reply"
        let time = took.map { ", after \(MeshTable.time(Double($0)))" } ?? ""
        let head =
            "\(Self.clock(message.time))  \(message.service)  peer \(message.connection)  "
            + "\(what) \(message.number)  \(message.method)  \(message.call)  "
            + "\(Figures.grouped(message.size)) bytes\(time)"
        return "\(Printable.line(head, limit: 500))\n\(content(message))\n"
    }

    private func content(_ message: CapturedMessage) -> String {
        guard message.isWhole else {
            return "/ only \(Figures.grouped(message.bytes.count)) bytes were kept / "
                + glimpse(message.bytes)
        }
        do throws(WireError) {
            return try WireCommand.text(
                of: message.bytes, KnownContracts.card(message.service, message.method))
        } catch {
            return "/ no message of the mesh: \(error) / " + glimpse(message.bytes)
        }
    }

    private func glimpse(_ bytes: [UInt8]) -> String {
        let start = Array(bytes.prefix(Self.glimpse))
        let text = (try? Diagnostic.notation(WireEncoder.encode(start))) ?? ""
        return bytes.count > start.count ? text + " …" : text
    }

    /// The wall clock's time of day, to the microsecond.
    private static func clock(_ time: Int64) -> String {
        var seconds = time_t(time / 1_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let day = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int64($0), 2) }
        return day.joined(separator: ":") + "." + padded(abs(time % 1_000_000), 6)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }
}

extension CaptureError {
    var exitCode: ExitCode {
        if case .unreadable = self { return .noInput }
        return .badInput
    }
}
