import EventStream
import FoundationEssentials
import Glibc
import StackDriver
import Synchronization
import Testing
import Wire

/// What is tested on one stack of real executables, one after the other: a test that kills a service
/// must not meet one that talks to it.
@Suite("The whole system", .serialized)
enum WholeSystem {}

/// One stack of real executables for the tests of this target: started at the first use, stopped
/// when the process ends.
enum SharedStack {
    static var stack: LiveStack { get async throws { try await started.value } }

    private static let started = Task {
        let fake = try await BackgroundProgram.start(
            "/usr/bin/env", ["python3", root + "/Tests/Conformance/fake_providers.py"],
            environment: ProcessInfo.processInfo.environment)
        let url = "http://127.0.0.1:\(fake.firstLine)"
        let stack = try await LiveStack.start(
            programs: programs,
            settings: [
                "ATELIER_OFFLINE_PACE_US": "1000", "LLM_PROVIDER": "offline",
                "LLM_TIMEOUT_MS": "2000", "OPENAI_BASE_URL": url + "/v1",
                "OPENAI_API_KEY": "sk-test-openai-key", "ANTHROPIC_BASE_URL": url,
                "ANTHROPIC_API_KEY": "sk-ant-test-key", "OLLAMA_URL": url,
            ])
        running.withLock { $0 = (stack, fake) }
        atexit { try? SharedStack.running.withLock { $0 }?.0.stop() }  // nobody is left to tell
        return stack
    }

    private static let running = Mutex<(LiveStack, BackgroundProgram)?>(nil)

    /// Where the executables of this build are: beside the bundle of tests.
    static let programs: String = {
        let own =
            CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        var folder = URL(filePath: own).deletingLastPathComponent()
        while folder.path.count > 1,
            !FileManager.default.fileExists(atPath: folder.path + "/atelier-gateway")
        {
            folder = folder.deletingLastPathComponent()
        }
        return folder.path
    }()

    /// The repository's root.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
}

/// What a client has seen of one run, over as many connections as it took.
struct Watched {
    var seqs: [Int64] = []
    var types: [String] = []
    var texts: [String: (attempt: Int64, text: String)] = [:]
    var endState: String?

    mutating func see(_ event: ServerSentEvent) throws {
        let json = try event.json
        if event.type == "token" {
            guard case .text(let step)? = json["step"],
                case .integer(let attempt)? = json["attempt"],
                case .integer(let offset)? = json["offset"], case .text(let text)? = json["text"]
            else { return }
            var piece = texts[step] ?? (attempt, "")
            if piece.attempt != attempt { piece = (attempt, "") }
            // A returning client gets the text so far again: only what is new counts.
            let known = piece.text.utf8.count
            if offset <= known {
                piece.text += String(
                    decoding: text.utf8.dropFirst(known - Int(offset)), as: UTF8.self)
            }
            texts[step] = piece
        } else if event.type == "end" {
            if case .text(let state)? = json["state"] { endState = state }
        } else if let id = event.id.flatMap({ Int64($0) }) {
            seqs.append(id)
            types.append(event.type)
        }
    }

    func count(_ type: String) -> Int { types.count { $0 == type } }
}

extension StackClient {
    /// Makes and starts a session of two agents, and answers with its id.
    func startSession(draft: String, rounds: Int, agents: WireValue? = nil) async throws -> String {
        var fields: [WireValue.Entry] = [
            .init(key: "draft", value: .text(draft)),
            .init(key: "max_rounds", value: .integer(Int64(rounds))),
        ]
        if let agents { fields.append(.init(key: "agents", value: agents)) }
        let session = try await send("POST", "/api/v1/sessions", .map(fields))
        guard case .text(let id)? = session["id"] else {
            throw LiveStack.Failure(description: "a session without an id")
        }
        try await send("POST", "/api/v1/sessions/\(id)/start")
        return id
    }

    /// Watches a run to its end, coming back with the last number whenever the stream breaks.
    func watch(_ run: String, each: (ServerSentEvent) throws -> Void = { _ in }) async throws
        -> Watched
    {
        var watched = Watched()
        let deadline = ContinuousClock.now + .seconds(60)
        while watched.endState == nil, ContinuousClock.now < deadline {
            do {
                try await follow(run, after: watched.seqs.last ?? 0) { event in
                    try watched.see(event)
                    try each(event)
                    return event.type != "end"
                }
            } catch let error as LiveStack.Failure {
                throw error
            } catch {
                try await Task.sleep(for: .milliseconds(50))  // the gateway is on its way back
            }
        }
        return watched
    }

    /// All items of a list.
    func items(_ path: String) async throws -> [WireValue] {
        guard case .array(let items)? = try await send("GET", path)["items"] else { return [] }
        return items
    }
}

extension WireValue {
    init(jsonText: String) throws {
        self = try JSONDecoder().decode(WireValue.self, from: Data(jsonText.utf8))
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
