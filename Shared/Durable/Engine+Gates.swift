public import Database
public import Wire

/// The places where a run, or a child of it, waits for a person.
extension Engine {
    /// A place where a run waits, or waited, for a person.
    public struct Gate: Sendable {
        /// Its path, which is its id within the run; of a child's, behind the child's own.
        public let path: String
        /// The run that has it: the one that was asked about, or a child.
        public let run: String
        /// What it asks, where it says so.
        public let question: GateQuestion?
        /// True once it is decided, or its time is over.
        public let isClosed: Bool
        /// As it was given; nil while it is open, and when its time was over.
        public let decision: WireValue?
        /// When it expires, or would have, in milliseconds since 1970.
        public let due: Int64?
        /// When it was opened, and once it is closed, when that was.
        public let at: Int64

        /// What it is called in the code.
        public var name: String { String(Path.name(path)) }
    }

    /// The gates that a run and its children have come to; of a child that was begun anew, those of
    /// the newest.
    public func gates(_ run: String) async throws -> [Gate] {
        try await read { journal in
            try journal.db.all(
                """
                \(Journal.family)
                SELECT prefix || path, key, question, value, failure IS NOT NULL, due, at
                FROM family JOIN durable_run USING (id)
                    JOIN durable_journal ON durable_journal.run = family.id
                WHERE kind = 'gate' ORDER BY at, prefix, n
                """, run
            ) { row in
                let value = row.blobOrNil(3)
                return Gate(
                    path: row.text(0), run: row.text(1),
                    question: try row.blobOrNil(2).map {
                        try Codec.decode(GateQuestion.self, from: $0)
                    },
                    isClosed: value != nil || row.bool(4),
                    decision: try value.map { try Codec.decode(WireValue.self, from: $0) },
                    due: row.int64OrNil(5), at: row.int64(6))
            }
        }
    }

    /// Decides a gate of the run or of a child, named or by its path. False when it was decided
    /// before, or is not open.
    @discardableResult
    public func decide(
        _ run: String, gate: String, _ decision: some Encodable, by person: String? = nil
    ) async throws -> Bool {
        let bytes = try Codec.encode(decision)
        return try await change(run, "decide") { journal, _ in
            guard let open = try journal.openGates(of: run).first(where: { $0.isCalled(gate) })
            else { return nil }
            let event = try Event.decided(open.path, bytes, by: person)
            return try journal.resolve(run: open.run, path: open.path, .value(bytes), event)
        }
    }

    /// The name of a gate at which a run, or a child of it, waits, for tables beside the journal; nil
    /// for none.
    public static func openGate(of run: String, in db: Connection) throws -> String? {
        try Journal(db: db, now: 0).openGates(of: run).first.map { String(Path.name($0.path)) }
    }

    /// The run that a child is part of in the end; the run itself where it is no child.
    public static func root(of run: String, in db: Connection) throws -> String {
        try db.first(
            """
            WITH RECURSIVE line (key, parent) AS (
                SELECT key, parent FROM durable_run WHERE key = $1
                UNION ALL
                SELECT durable_run.key, durable_run.parent
                FROM line JOIN durable_run ON durable_run.id = line.parent)
            SELECT key FROM line WHERE parent IS NULL
            """, run
        ) { $0.text(0) } ?? run
    }
}

extension Journal {
    /// A run with its children and theirs, and the paths in it at which they stand.
    static let family = """
        WITH RECURSIVE family (id, prefix) AS (
            SELECT id, '' FROM durable_run WHERE key = $1
            UNION ALL
            SELECT child.id, prefix || child.parent_path || '/'
            FROM family JOIN durable_run AS child ON child.parent = family.id
            WHERE child.id = (SELECT max(id) FROM durable_run
                WHERE parent = child.parent AND parent_path = child.parent_path))
        """

    struct OpenGate {
        let run: Int64
        /// Within the run that has it.
        let path: String
        /// In front of the path, for a child's.
        let prefix: String

        func isCalled(_ name: String) -> Bool {
            prefix + path == name || Path.name(path) == name
        }
    }

    /// The run's own come first.
    func openGates(of run: String) throws -> [OpenGate] {
        try db.all(
            """
            \(Journal.family)
            SELECT family.id, path, prefix
            FROM family JOIN durable_run USING (id)
                JOIN durable_journal ON durable_journal.run = family.id
            WHERE kind = 'gate' AND value IS NULL AND failure IS NULL
                AND state NOT IN ('completed', 'failed', 'cancelled')
            ORDER BY prefix, n
            """, run
        ) { OpenGate(run: $0.int64(0), path: $0.text(1), prefix: $0.text(2)) }
    }
}
