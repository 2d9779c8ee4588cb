import FoundationEssentials
import Glibc
import StackDriver
import Testing
import Wire

extension WholeSystem {
    /// What the outside meets: framing, exit codes and messages for bad input, two stacks at once.
    @Suite("The outside", .serialized)
    struct SurfaceTests {
        let stack: LiveStack
        let client: StackClient

        init() async throws {
            stack = try await SharedStack.stack
            client = try StackClient(stack)
        }

        @Test("the framing probes get the answers they must")
        func framing() async throws {
            let result = try await Program.run(
                "/usr/bin/env",
                [
                    "python3", SharedStack.root + "/Tests/Conformance/framing_probes.py",
                    "\(stack.port)",
                ],
                environment: ProcessInfo.processInfo.environment)
            #expect(result.code == 0, "\(result.output)")
        }

        @Test("a document that cannot be read is refused before anything is sent")
        func badDocuments() async throws {
            let folder = stack.folder + "/documents"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            func file(_ name: String, _ bytes: Data) throws -> String {
                try bytes.write(to: URL(filePath: "\(folder)/\(name)"))
                return "\(folder)/\(name)"
            }
            let broken = try file("broken.md", Data([72, 105, 0xFF, 0xFE]))
            let large = try file("large.md", Data(count: 50 << 20))
            let empty = try file("empty.md", Data())
            for (path, code, word) in [
                ("\(folder)/absent.md", Int32(66), "no such file"), (folder, 66, "folder"),
                (broken, 65, "UTF-8"), (large, 65, "MiB"), (empty, 65, "empty"),
            ] {
                let output = try await stack.command(
                    ["run", "write", path, "--data", stack.folder, "--port", "\(stack.port)"],
                    expecting: code)
                #expect(
                    output.lowercased().contains(word.lowercased()), "\(path) was told: \(output)")
            }
        }

        @Test("the command line refines a document and writes it beside the input")
        func commandLine() async throws {
            let input = stack.folder + "/report.md"
            try Data(WholeSystem.CrashTests.draft.utf8).write(to: URL(filePath: input))
            let output = try await stack.command(
                [
                    "run", "write", input, "--rounds", "2", "--data", stack.folder, "--port",
                    "\(stack.port)",
                ])
            let refined = try String(
                contentsOfFile: stack.folder + "/report.refined.md", encoding: .utf8)
            #expect(refined != WholeSystem.CrashTests.draft)
            #expect(!refined.contains("the the"))
            #expect(output.lowercased().contains("offline"))
            #expect(
                try String(contentsOfFile: input, encoding: .utf8) == WholeSystem.CrashTests.draft)
        }

        @Test("a user without credits is told so, and nothing begins")
        func noCredits() async throws {
            let email = "poor-\(UInt32.random(in: 0 ... .max))@example.org"
            let registered = try await client.send(
                "POST", "/api/v1/auth/register",
                ["email": .text(email), "password": "correct horse battery", "name": "Poor"])
            let login = try await client.send(
                "POST", "/api/v1/auth/login",
                ["email": .text(email), "password": "correct horse battery"])
            let poor = try StackClient(stack, token: try #require(login["access_token"]?.text))
            // All but half a credit of the hundred is set aside for something else.
            let account = try #require(registered["id"]?.text)
            try await stack.command(
                [
                    "call", "hold", "--account", account, "--run", "else-\(account)", "--amount",
                    "99500", "--data", stack.folder,
                ], program: "atelier-billing")
            let session = try await poor.send(
                "POST", "/api/v1/sessions", ["draft": "Some text.", "max_rounds": 3])
            let id = try #require(session["id"]?.text)
            let answer = try await poor.raw("POST", "/api/v1/sessions/\(id)/start")
            #expect(answer.status == 402)
            #expect(
                String(decoding: answer.body, as: UTF8.self).contains("\"code\":\"no-credits\""))
        }

        @Test("every service describes itself and answers its command line")
        func adminCommands() async throws {
            for service in LiveStack.services {
                let described = try await stack.command(["describe"], program: "atelier-\(service)")
                #expect(described.split(separator: "\n").count >= 2)
            }
            let absent = try await stack.command(
                ["call", "status", "--account", "nobody", "--data", stack.folder],
                program: "atelier-billing", expecting: 1)
            #expect(absent.contains("not-found"))
            let unknown = try await stack.command(
                ["call", "status", "--acount", "x", "--data", stack.folder],
                program: "atelier-billing",
                expecting: 2)
            #expect(unknown.contains("--account"))
        }

        @Test("two stacks with different folders and ports run side by side")
        func sideBySide() async throws {
            let other = try await LiveStack.start(programs: SharedStack.programs)
            defer { try? other.stop() }  // its folder goes with the machine's temporary files
            let second = try StackClient(other)
            let first = try await client.send("GET", "/api/v1/auth/me")["id"]?.text
            let theirs = try await second.send("GET", "/api/v1/auth/me")["id"]?.text
            #expect(first != nil && theirs != nil && first != theirs)
            #expect(try await client.raw("GET", "/ready").status == 200)
            #expect(try await second.raw("GET", "/ready").status == 200)
        }
    }
}
