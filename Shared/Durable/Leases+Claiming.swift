internal import Database

/// Who is next: the runs that are ready are claimed in a fair order.
extension Leases {
    /// Lanes that are looked at in one tick; the next goes on behind them.
    private static let lanesPerTick = 256
    /// The most that one tick gives to one lane among several.
    private static let placesPerTick = 64

    private static let isReady = "owner IS NULL AND state IN ('running', 'pausing', 'cancelling')"

    /// A lane in which runs are ready.
    private struct Queue {
        let id: Int64
        let name: String
        let most: Int
        /// Runs that are ready, as far as one tick may claim them.
        let ready: Int
        /// Places it has now, those given in this tick included.
        var held = 0
        var given = 0
    }

    /// What one tick claims.
    struct Harvest: Sendable {
        var claims: [Claim] = []
        /// True when runs stay ready for which there was no place.
        var isMore = false
        /// True when the next tick would claim more at once.
        var isCut = false
        /// The lane served last; the next tick begins behind it.
        var cursor: Int64
    }

    /// Claims at most `room` runs. What is being cancelled comes first and needs no place of a
    /// queue's; then each place goes to the lane with the fewest, in turn.
    func claim(
        for engine: Int64, room: Int, queues: [String: QueueLimits], after cursor: Int64
    ) throws -> Harvest {
        var harvest = Harvest(cursor: cursor)
        if room > 0 {
            harvest.claims = try take(
                """
                SELECT id FROM durable_run WHERE owner IS NULL AND state = 'cancelling'
                ORDER BY id LIMIT $2
                """, for: engine, room)
            try reap(for: engine, room - harvest.claims.count, queues, &harvest)
        }
        harvest.isMore = try isAnyReady()
        return harvest
    }

    private func reap(
        for engine: Int64, _ room: Int, _ limits: [String: QueueLimits], _ harvest: inout Harvest
    ) throws {
        var lanes = try lanes(after: harvest.cursor, limits)
        if lanes.count == 1, lanes[0].most == .max, limits[lanes[0].name] == nil {
            lanes[0].given = room  // nobody to share with
        } else if !lanes.isEmpty {
            let left = try share(room, among: &lanes, limits, &harvest.cursor)
            harvest.isCut =
                left > 0
                && (lanes.count >= Leases.lanesPerTick
                    || lanes.contains { $0.given == Leases.placesPerTick })
        }
        for lane in lanes where lane.given > 0 {
            harvest.claims += try take(
                """
                SELECT id FROM durable_run WHERE lane = $3 AND \(Leases.isReady)
                ORDER BY id LIMIT $2
                """, for: engine, lane.given, lane.id)
        }
    }

    private func take(
        _ ids: String, for engine: Int64, _ limit: Int, _ lane: Int64? = nil
    ) throws -> [Claim] {
        let sql = """
            UPDATE durable_run SET owner = $1, fence = fence + 1
            WHERE id IN (\(ids)) RETURNING \(Claim.columns)
            """
        let claims =
            try lane.map { try db.all(sql, engine, limit, $0, read: Claim.init) }
            ?? db.all(sql, engine, limit, read: Claim.init)
        for claim in claims where claim.head == 0 && claim.state != .cancelling {
            try journal.announceStart(of: claim)
        }
        return claims
    }

    private func isAnyReady() throws -> Bool {
        try db.first("SELECT 1 FROM durable_run WHERE \(Leases.isReady) LIMIT 1") { _ in true }
            ?? false
    }

    /// The lanes in which runs are ready, beginning behind the cursor.
    private func lanes(
        after cursor: Int64, _ limits: [String: QueueLimits]
    ) throws -> [Queue] {
        let behind = try lanes(from: cursor + 1, to: .max, limits, atMost: Leases.lanesPerTick)
        let room = Leases.lanesPerTick - behind.count
        return behind + (room > 0 ? try lanes(from: 0, to: cursor, limits, atMost: room) : [])
    }

    /// One step of the index for each lane, however many runs are in it.
    private func lanes(
        from first: Int64, to last: Int64, _ limits: [String: QueueLimits], atMost limit: Int
    ) throws -> [Queue] {
        try db.all(
            """
            WITH RECURSIVE ready (lane) AS (
                SELECT min(lane) FROM durable_run WHERE \(Leases.isReady) AND lane >= $1
                UNION ALL
                SELECT (SELECT min(lane) FROM durable_run
                    WHERE \(Leases.isReady) AND lane > ready.lane)
                FROM ready WHERE ready.lane <= $2 LIMIT $3)
            SELECT durable_lane.id, queue, most,
                (SELECT count(*) FROM (SELECT 1 FROM durable_run
                    WHERE lane = durable_lane.id AND \(Leases.isReady) LIMIT $4))
            FROM ready JOIN durable_lane ON durable_lane.id = ready.lane
            WHERE ready.lane <= $2
            """, first, last, limit, Leases.placesPerTick
        ) { row in
            let name = row.text(1)
            return Queue(
                id: row.int64(0), name: name,
                most: row.intOrNil(2) ?? limits[name]?.perShare ?? .max, ready: row.int(3))
        }
    }

    /// Says how many places each lane is given; answers with how many are left.
    private func share(
        _ room: Int, among lanes: inout [Queue], _ limits: [String: QueueLimits],
        _ cursor: inout Int64
    ) throws -> Int {
        var free = limits.mapValues(\.width)
        for (id, queue, count) in try places() {
            if let index = lanes.firstIndex(where: { $0.id == id }) { lanes[index].held = count }
            free[queue]? -= count
        }
        for given in 0..<room {
            var next: Int?
            for (index, lane) in lanes.enumerated() {
                let isOpen =
                    lane.held < lane.most && lane.given < lane.ready && free[lane.name] ?? 1 > 0
                if isOpen, next.map({ lane.held < lanes[$0].held }) ?? true { next = index }
            }
            guard let next else { return room - given }
            lanes[next].held += 1
            lanes[next].given += 1
            free[lanes[next].name]? -= 1
            cursor = lanes[next].id
        }
        return 0
    }

    /// How many places each lane has, on every engine of this journal.
    private func places() throws -> [(lane: Int64, queue: String, count: Int)] {
        try db.all(
            """
            SELECT lane, queue, count(*) FROM durable_run
                JOIN durable_lane ON durable_lane.id = durable_run.lane
            WHERE owner IS NOT NULL AND state IN ('running', 'pausing', 'cancelling')
            GROUP BY lane
            """
        ) { ($0.int64(0), $0.text(1), $0.int(2)) }
    }
}

extension Journal {
    /// True when a run that starts now need not wait for its turn.
    func hasPlace(_ lane: Lane, _ number: Int64, _ queues: [String: QueueLimits]) throws -> Bool {
        let limits = queues[lane.queue] ?? QueueLimits()
        let most = lane.most ?? limits.perShare
        if most < .max {
            let held = try db.first(
                """
                SELECT count(*) FROM durable_run
                WHERE owner IS NOT NULL AND state IN ('running', 'pausing', 'cancelling')
                    AND lane = $1
                """, number
            ) { $0.int(0) }
            let isAnyReady = try db.first(
                """
                SELECT 1 FROM durable_run WHERE lane = $1 AND owner IS NULL
                    AND state IN ('running', 'pausing', 'cancelling') LIMIT 1
                """, number
            ) { _ in true }
            guard held ?? 0 < most, isAnyReady == nil else { return false }
        }
        guard limits.width < .max else { return true }
        let held = try db.first(
            """
            SELECT count(*) FROM durable_run
                JOIN durable_lane ON durable_lane.id = durable_run.lane
            WHERE owner IS NOT NULL AND state IN ('running', 'pausing', 'cancelling')
                AND queue = $1
            """, lane.queue
        ) { $0.int(0) }
        return held ?? 0 < limits.width
    }

    /// The number of a lane, made at its first use.
    func lane(_ lane: Lane) throws -> Int64 {
        if lane == Lane() { return 1 }
        let id = try db.first(
            """
            INSERT INTO durable_lane (queue, share, most) VALUES ($1, $2, $3)
            ON CONFLICT (queue, share) DO UPDATE SET most = excluded.most
            RETURNING id
            """, lane.queue, lane.share, lane.most
        ) { $0.int64(0) }
        guard let id else { throw Unreadable(what: "lane") }
        return id
    }
}
