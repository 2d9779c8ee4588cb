import Console

/// Words of a command line on their way into a path.
enum CommandWord {
    /// What may stand in a path as it is: letters, digits, `_`, `-`, and what `also` holds.
    static func plain(
        _ text: String, _ what: String, also: String = ""
    ) throws(UsageError) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x2D
                || also.utf8.contains(byte)
        }
        guard isPlain, !text.isEmpty, text.count <= 100 else {
            throw UsageError("\"\(Printable.line(text))\" is not \(what)")
        }
        return text
    }
}

extension Workplace {
    /// The gateway of the stack that the flags name, with the token for it.
    func gateway(_ arguments: Arguments) async throws -> GatewayClient {
        let plan = try plan(arguments)
        let token = try await Credentials(workplace: self, plan: plan).token(
            as: try arguments.value("as"))
        return GatewayClient(http: client(of: plan), address: plan.address, token: token)
    }
}
