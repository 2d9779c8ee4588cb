/// Asks again until `condition` holds; answers with whether it did. Long enough for a machine that
/// has other work, since a test that passes never waits for the end of it.
public func soon(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(3))
    }
    return try await condition()
}
