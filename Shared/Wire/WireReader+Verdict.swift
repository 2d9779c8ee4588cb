extension WireReader {
    /// Sends the whole document through `Validator`, unless it went there before.
    @usableFromInline @inline(never)
    mutating func validate() throws(WireError) {
        guard !isValidated else { return }
        var validator = Validator()
        try validator.check(base, count: end)
        isValidated = true
    }

    /// Refuses a document that was read, but not to its end, or not beyond doubt.
    @inlinable @inline(__always)
    mutating func finish() throws(WireError) {
        // In development a hand-written coding is not trusted, as in `EncoderCore`.
        #if !DEBUG
            if at == end && !isInDoubt { return }
        #endif
        try judge()
    }

    @usableFromInline @inline(never)
    mutating func judge() throws(WireError) {
        try validate()
        guard at == end else { throw WireError(.unbalanced, offset: 0) }
    }

    /// What to throw in place of an error that reading met: a document that is refused as a whole
    /// is refused for its first breach, whatever the type came across before.
    @usableFromInline @inline(never)
    mutating func verdict(_ error: WireError) -> WireError {
        do throws(WireError) {
            try validate()
            return error
        } catch {
            return error
        }
    }
}
