import Contracts
import Database
import MeshContract
import Wire

/// The kept answers and, in the same transactions, the log of what they cost.
struct AnswerStore: Sendable {
    /// What is asked for, with the choice that holds unless the key was used before.
    struct Opening: Sendable {
        var request: Providers.Generate
        var digest: String
        /// Of no account while the key's own provider is there, or its answer kept.
        var choice: Result<ProviderDirectory.Choice, Fault>
        var at: Int64
    }

    /// What became of it.
    enum Beginning: Sendable {
        case begun(Providers.StreamInfo, Answers.Slot)
        case joined(Providers.StreamInfo)
        case kept(Providers.StreamInfo)
    }

    static let usageTopic = Providers.UsageRecorded.topic

    let database: Database
    /// Of this life of the process: a row of another was left behind.
    let epoch: String

    func find(_ key: String) async throws -> AnswerRecord? {
        try await database.read { try Self.record(key, in: $0) }
    }

    /// Begins an attempt, or finds that there is one. `answers` hears of it before anybody else.
    func begin(
        _ opening: Opening, in answers: Answers, mayUse: @escaping @Sendable (String) -> Bool
    ) async throws -> Providers.StreamInfo {
        let beginning = try await database.transaction { (beginning: Beginning) in
            guard case .begun(let info, let slot) = beginning else { return }
            answers.begin(info, digest: opening.digest, request: opening.request, slot: slot)
        } _: { [epoch] db -> Beginning in
            let record = try Self.record(opening.request.key, in: db)
            if let record {
                guard record.digest == opening.digest else {
                    throw Fault(.conflict, "this key was used for another request")
                }
                if record.state == .completed, record.text != nil { return .kept(record.info) }
                if record.state == .generating, record.epoch == epoch,
                    answers.isWriting(record.key, attempt: record.attempt)
                {
                    return .joined(record.info)
                }
            }
            let attempt = (record?.attempt ?? 0) + 1
            let slot = try answers.slot(opening.request.key, attempt: attempt)
            return .begun(try Self.write(opening, after: record, epoch, mayUse, in: db), slot)
        }
        switch beginning {
        case .begun(let info, _), .joined(let info), .kept(let info): return info
        }
    }

    /// Writes the row of a new attempt. The provider of the first one stays, where it can.
    private static func write(
        _ opening: Opening, after record: AnswerRecord?, _ epoch: String,
        _ mayUse: (String) -> Bool, in db: Connection
    ) throws -> Providers.StreamInfo {
        let earlier = record.flatMap { record in
            mayUse(record.provider)
                ? ProviderDirectory.Choice(provider: record.provider, model: record.model) : nil
        }
        let choice = try earlier ?? opening.choice.get()
        let request = opening.request
        let attempt = (record?.attempt ?? 0) + 1
        try db.run(
            """
            INSERT INTO answer
                (key, digest, user_id, run_id, agent, provider, model, is_offline, attempt, state,
                epoch, started_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'generating', $10, $11)
            ON CONFLICT (key) DO UPDATE SET
                provider = $6, model = $7, is_offline = $8, attempt = $9, state = 'generating',
                epoch = $10, started_at = $11, ended_at = NULL, text = NULL, newest_at = 0,
                stop_reason = NULL, fault = NULL, input_tokens = 0, output_tokens = 0,
                cached_tokens = 0, is_estimated = 0, cost_micro_usd = NULL,
                cost_nano_usd = NULL, is_own_key = NULL
            """, request.key, opening.digest, request.user, request.run, request.agent,
            choice.provider, choice.model, choice.isOffline, attempt, epoch, opening.at)
        return Providers.StreamInfo(
            key: request.key, attempt: attempt, provider: choice.provider, model: choice.model,
            isOffline: choice.isOffline)
    }

    /// Writes the end of an attempt and its line in the log, and answers with the line's number.
    /// `committed` runs before anything that commits later is heard of.
    func finish(
        _ info: Providers.StreamInfo, _ ending: AnswerEnding,
        committed: @escaping @Sendable () -> Void
    ) async throws -> Int64 {
        let fault = try ending.fault.map { try WireEncoder.encode($0) }
        let body = try WireEncoder.encode(ending.entry)
        let usage = ending.entry.usage
        return try await database.transaction { _ in
            committed()
        } _: { [epoch] db in
            // A row that another process has taken over is left alone; what was used counts.
            try db.run(
                """
                UPDATE answer SET
                    state = $4, text = $5, newest_at = $6, stop_reason = $7, fault = $8,
                    input_tokens = $9, output_tokens = $10, cached_tokens = $11,
                    is_estimated = $12, cost_micro_usd = $13, ended_at = $14,
                    cost_nano_usd = $15, is_own_key = $16
                WHERE key = $1 AND attempt = $2 AND epoch = $3
                """, info.key, info.attempt, epoch, ending.state.rawValue, ending.text,
                ending.newest, ending.stopReason, fault, usage.inputTokens, usage.outputTokens,
                usage.cachedTokens, usage.isEstimated, usage.costMicroUSD, ending.entry.at,
                usage.costNanoUSD, usage.isOwnKey)
            return try Outbox.append(
                topic: Self.usageTopic, body: body, at: ending.entry.at, in: db)
        }
    }

    /// Writes lines of the log that belong to no kept answer, and answers with the last one's number.
    func book(_ entries: [Providers.UsageEntry]) async throws -> Int64 {
        try await database.transaction { db in
            // Encoded here, on the writer's thread: there may be hundreds, and the loop has to answer.
            let drafts = try entries.map {
                Outbox.Draft(body: try WireEncoder.encode($0), at: $0.at)
            }
            return try Outbox.append(topic: Self.usageTopic, drafts, in: db)
        }
    }

    /// Ends an attempt that a process which is gone has left.
    func cancelAbandoned(_ record: AnswerRecord, at now: Int64) async throws {
        let fault = try WireEncoder.encode(UpstreamFault.cancelled)
        try await database.transaction { db in
            try db.run(
                """
                UPDATE answer SET state = 'cancelled', text = '', fault = $4, ended_at = $5
                WHERE key = $1 AND attempt = $2 AND epoch = $3 AND state = 'generating'
                """, record.key, record.attempt, record.epoch, fault, now)
        }
    }

    func usage(after seq: Int64, limit: Int) async throws -> Providers.UsageLog {
        try await database.read { db in
            let page = try Outbox.page(after: seq, topic: Self.usageTopic, limit: limit, in: db)
            let entries = try page.entries.map {
                var entry = try WireDecoder.decode(Providers.UsageEntry.self, from: $0.body)
                entry.seq = $0.seq
                return entry
            }
            return Providers.UsageLog(entries: entries, pruned: page.pruned, newest: page.newest)
        }
    }

    /// Lets go of some of the usage log that is older than `moment`; answers with how many lines.
    func forgetUsage(before moment: Int64, limit: Int) async throws -> Int {
        try await database.transaction { db in
            try Outbox.prune(before: moment, topic: Self.usageTopic, limit: limit, in: db)
        }
    }

    /// Lets go of the text of some answers that ended before `moment`; answers with how many.
    func forgetTexts(before moment: Int64, limit: Int) async throws -> Int {
        try await database.transaction { db in
            try db.run(
                """
                UPDATE answer SET text = NULL WHERE key IN (
                    SELECT key FROM answer WHERE text IS NOT NULL AND ended_at < $1
                    ORDER BY ended_at LIMIT $2)
                """, moment, limit)
        }
    }

    private static func record(_ key: String, in db: Connection) throws -> AnswerRecord? {
        try db.first(
            """
            SELECT digest, provider, model, is_offline, attempt, state, epoch, text, newest_at,
                stop_reason, input_tokens, output_tokens, cached_tokens, is_estimated,
                cost_micro_usd, fault, cost_nano_usd, is_own_key
            FROM answer WHERE key = $1
            """, key
        ) { row in
            let completion = row.textOrNil(9).map { reason in
                Providers.Completion(
                    stopReason: reason,
                    usage: Providers.Usage(
                        inputTokens: row.int(10), outputTokens: row.int(11),
                        cachedTokens: row.int(12), isEstimated: row.bool(13),
                        costMicroUSD: row.int64OrNil(14), costNanoUSD: row.int64OrNil(16),
                        isOwnKey: row.boolOrNil(17)))
            }
            return AnswerRecord(
                key: key, digest: row.text(0), provider: row.text(1), model: row.text(2),
                isOffline: row.bool(3), attempt: row.int(4),
                state: AnswerRecord.State(rawValue: row.text(5)) ?? .failed, epoch: row.text(6),
                text: row.textOrNil(7), newest: row.int64(8), completion: completion,
                fault: try row.blobOrNil(15).map { try WireDecoder.decode(Fault.self, from: $0) })
        }
    }
}
