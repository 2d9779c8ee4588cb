import EventLoop
import Glibc
import Log
import MeshContract
import Testing

@testable import Mesh

/// Messages written down, and read again.
@Suite("Captures", .timeLimit(.minutes(1)))
struct CaptureTests {
    /// A folder that is gone afterwards.
    private final class Folder: Sendable {
        let path: String
        init() throws { path = try scratchFolder() }
        deinit { removeFolder(path) }
    }

    private func message(_ number: Int, bytes: [UInt8] = [0xA0]) -> CapturedMessage {
        CapturedMessage(
            kind: .request, time: 5, service: "lab", connection: 1, number: number, method: "echo",
            call: "req_1", size: bytes.count, bytes: bytes)
    }

    private func all(_ file: String) throws(CaptureError) -> [CapturedMessage] {
        var reader = try CaptureReader(file)
        var all: [CapturedMessage] = []
        while let message = try reader.next() { all.append(message) }
        return all
    }

    private func write(_ bytes: [UInt8], _ file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    @Test("what is written is read again, in a file that nobody else may read")
    func roundTrip() throws {
        let folder = try Folder()
        let file = "\(folder.path)/one"
        let writer = try CaptureWriter(file)
        for number in 0..<100 {
            writer.take(message(number, bytes: Array(repeating: 7, count: number * 50)))
        }
        writer.finish()
        let read = try all(file)
        #expect(read.map(\.number) == Array(0..<100))
        #expect(read[99].bytes.count == 4_950 && read[99].isWhole)
        #expect(writer.messages == 100 && writer.lost == 0 && writer.failure == nil)
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test("a full file is set aside once, so that two are all there ever are")
    func rotation() throws {
        let folder = try Folder()
        let file = "\(folder.path)/one"
        let writer = try CaptureWriter(file, .init(file: 2_000, message: 100, waiting: 1 << 20))
        for number in 0..<200 {
            writer.take(message(number, bytes: Array(repeating: 7, count: 300)))
            if number % 5 == 0 { writer.finish() }
        }
        writer.finish()
        let (older, newer) = (try all("\(file).1"), try all(file))
        #expect(newer.last?.number == 199)
        #expect(older.last.map { $0.number + 1 } == newer.first?.number)
        #expect(newer.allSatisfy { $0.bytes.count == 100 && $0.size == 300 && !$0.isWhole })
        var status = stat()
        #expect(stat("\(file).1", &status) == 0 && status.st_size <= 2_000)
        #expect(stat("\(file).2", &status) != 0)
    }

    @Test("what comes too fast is left out, counted, and said in its place")
    func lost() throws {
        let folder = try Folder()
        let file = "\(folder.path)/one"
        let writer = try CaptureWriter(file, .init(file: 1 << 20, message: 1_000, waiting: 500))
        writer.take(message(1, bytes: Array(repeating: 7, count: 1_000)))
        writer.take(message(2, bytes: Array(repeating: 7, count: 1_000)))
        writer.take(message(3))
        writer.finish()
        let read = try all(file)
        #expect(read.map(\.kind) == [.lost, .request])
        #expect(read[0].size == 2 && read[1].number == 3)
        #expect(writer.lost == 2)
    }

    @Test("a place that is taken by no file, or that cannot be written, is refused with a reason")
    func refused() throws {
        let folder = try Folder()
        #expect(throws: Fault.self) { try CaptureWriter(folder.path) }
        let fault = #expect(throws: Fault.self) { try CaptureWriter("/proc/nothing/here") }
        #expect(fault?.message.contains("/proc/nothing/here") == true)
    }

    @Test("no cut and no changed byte of a capture traps, and what is before it is read")
    func hostile() throws {
        let folder = try Folder()
        let file = "\(folder.path)/one"
        let whole =
            try CaptureFormat.start
            + CaptureFormat.record(message(1)) + CaptureFormat.record(message(2))
        let first = try CaptureFormat.start.count + CaptureFormat.record(message(1)).count
        for length in 0..<whole.count {
            try write(Array(whole[..<length]), file)
            if length == 8 || length == first {
                #expect(try all(file).count == (length == 8 ? 0 : 1))
            } else if length < 8 {
                #expect(throws: CaptureError.noCapture(file: file)) { try all(file) }
            } else {
                let (record, at) = length < first ? (1, 8) : (2, first)
                #expect(throws: CaptureError.cutOff(file: file, record: record, at: at)) {
                    try all(file)
                }
            }
        }
        for place in whole.indices {
            for change: UInt8 in [0, 1, 0x7F, 0xFF] {
                var bytes = whole
                bytes[place] = change
                try write(bytes, file)
                // Either it is read or refused; what matters is that it ends.
                do throws(CaptureError) {
                    #expect(try all(file).count <= 2)
                } catch {
                    #expect(error.description.contains(file))
                }
            }
        }
        var newer = whole
        newer[7] = 9
        try write(newer, file)
        #expect(throws: CaptureError.newer(file: file, version: 9)) { try all(file) }
        #expect(throws: CaptureError.self) { try all("\(folder.path)/absent") }
    }

    // MARK: Of a running service

    private func serve(_ rig: Rig, in folder: String?) throws -> MeshServer {
        let server = MeshServer(LabBench().routes, log: rig.log)
        if let folder { server.allowCaptures(in: folder) }
        try rig.serve(server)
        return server
    }

    @Test("a service's messages are there with their calls, requests before their replies")
    func running() async throws {
        let folder = try Folder()
        let rig = try Rig(.ipc)
        let server = try serve(rig, in: nil)
        let file = "\(folder.path)/lab"
        try server.capture(to: file)
        _ = try await rig.client().call(Lab.Echo(text: "hello"))
        _ = await fault(of: Lab.Fail(code: "conflict"), rig.client())
        await apart { server.endCapture() }
        _ = try await rig.client().call(Lab.Echo(text: "unseen"))
        let read = try all(file)
        #expect(read.map(\.kind) == [.request, .reply, .request, .reply])
        #expect(read.map(\.method) == ["echo", "echo", "fail", "fail"])
        #expect(read.map(\.number) == [1, 1, 2, 2])
        #expect(read.map(\.connection) == [1, 1, 2, 2])
        #expect(read[0].call.hasPrefix("req_") && read[0].call == read[1].call)
        #expect(try RequestHead.read(read[0].bytes).0.caller == "test")
        let reply = try ReplyEnvelope.read(read[1].bytes).decode(Lab.Echo.self, .internal)
        #expect(reply.text == "hello")
    }

    @Test("an administrator may switch it on and off in a running service, nobody else")
    func administrator() async throws {
        let folder = try Folder()
        let rig = try Rig(.ipc)
        _ = try serve(rig, in: folder.path)
        let admin = rig.client(as: "admin")
        await #expect(throws: Fault.self) {
            try await rig.client(as: "gateway").capture(Lab.name, seconds: 5)
        }
        #expect(try await admin.capture(Lab.name, seconds: nil).isOn == false)
        let status = try await admin.capture(Lab.name, seconds: 60)
        let file = try #require(status.file)
        #expect(status.isOn && file.hasPrefix("\(folder.path)/lab-"))
        let twice = await #expect(throws: Fault.self) {
            try await admin.capture(Lab.name, seconds: 60)
        }
        #expect(twice?.code == .conflict)
        _ = try await admin.call(Lab.Echo(text: "seen"))
        let end = try await admin.endCapture(Lab.name)
        #expect(!end.isOn && end.failure == nil && end.file == file)
        #expect(try all(file).contains { $0.method == "echo" && $0.kind == .reply })
        for _ in 0..<6 {
            _ = try await admin.capture(Lab.name, seconds: 1)
            _ = try await admin.endCapture(Lab.name)
        }
        let kept = try files(in: folder.path)
        #expect(kept.count <= 4, "\(kept)")
    }

    @Test("a capture that is asked for too long, or with nowhere to go, is refused")
    func limits() async throws {
        let rig = try Rig(.ipc)
        _ = try serve(rig, in: nil)
        let admin = rig.client(as: "admin")
        let nowhere = await #expect(throws: Fault.self) {
            try await admin.capture(Lab.name, seconds: 5)
        }
        #expect(nowhere?.code == .denied)
        let long = await #expect(throws: Fault.self) {
            try await admin.capture(Lab.name, seconds: 100_000)
        }
        #expect(long?.code == .invalid)
    }

    private func files(in folder: String) throws -> [String] {
        let handle = try #require(opendir(folder))
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private func apart(_ body: @escaping @Sendable () -> Void) async {
        _ = try? await onThread { body() }
    }
}
