import NIOCore

extension Sundial {
    /// Waits for a message inside the broker, whoever publishes it and whether or not anybody subscribes to it.
    ///
    /// It may have come already: it is enough that no expectation before this one has taken it. On a virtual clock time passes meanwhile,
    /// see <doc:Time>.
    /// - Parameters:
    ///   - topic: wildcards are allowed.
    ///   - json: what the payload must include, as in ``Match``.
    ///   - text: the whole payload.
    ///   - time: how long it may take.
    /// - Throws: ``ExpectationFailure``
    @discardableResult
    public func expect(
        _ topic: String, json: JSON? = nil, text: String? = nil, within time: Duration = .seconds(1), fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Message {
        let match = Match(topic, json: json, text: text)
        return try await self.expect(match, count: .atLeast(1), within: time, fileID: fileID, line: line)[0]
    }

    /// Waits for so many messages inside the broker. An upper end is waited out, to be sure that no more come.
    ///
    /// - Throws: ``ExpectationFailure``
    @discardableResult
    public func expect(
        _ match: Match, count: Count, within time: Duration = .seconds(1), fileID: String = #fileID, line: Int = #line
    ) async throws -> [Message] {
        let awaited = try Awaited(
            match, seenBy: "the broker", rules: self.options.rules, at: SourceLine(fileID: fileID, line: line))
        return try await self.wait(for: awaited, count, within: time, in: nil)
    }

    /// Makes sure that no such message is inside the broker: none that no expectation has taken, and none that comes for a while.
    ///
    /// - Throws: ``ExpectationFailure``
    public func expectNothing(
        _ topic: String, json: JSON? = nil, for time: Duration, fileID: String = #fileID, line: Int = #line
    ) async throws {
        try await self.expect(Match(topic, json: json), count: .exactly(0), within: time, fileID: fileID, line: line)
    }

    // MARK: Waiting

    /// - Parameter seat: the client that is to see it; `nil` looks inside the broker.
    func wait(for awaited: Awaited, _ count: Count, within time: Duration, in seat: NIOLoopBound<ClientSeat>?) async throws -> [Message] {
        let number = try await self.onDesk { desk in
            try desk.begin(awaited, count, in: seat.map { .client($0.value.record) } ?? .inside)
        }
        do {
            try await self.letTimePass(time, until: number)
            return try await self.onDesk { desk in try desk.conclude(number, after: time) }
        } catch {
            try? await self.onDesk { $0.end(number) }
            throw error
        }
    }

    /// Returns when the wait is decided, or its time is over.
    private func letTimePass(_ time: Duration, until number: Int) async throws {
        guard self.options.clock == .virtual else {
            return try await self.waitOutside(for: self.options.clock.real(time), until: number)
        }
        try await self.advance(by: time) { desk in desk.wait(number)?.isDecided ?? true }
        guard self.mayHaveGuests, try await self.onDesk({ $0.wait(number)?.isMet == false }) else { return }
        // Clients outside have had no time at all.
        try await self.waitOutside(for: time, until: number)
    }

    /// In real time.
    private func waitOutside(for time: Duration, until number: Int) async throws {
        try await self.awaitDesk { desk, answer in
            guard let wait = desk.wait(number) else { return answer() }
            wait.whenDecided(within: time, answer)
        } giveUp: { desk in
            desk.wait(number)?.giveUp()
        }
    }
}

extension Sundial.Client {
    /// Waits for a message that this client receives; it may have come already, if no expectation before has taken it.
    ///
    /// On a virtual clock time passes meanwhile, see <doc:Time>.
    /// - Parameters:
    ///   - topic: wildcards are allowed.
    ///   - json: what the payload must include, as in ``Match``.
    ///   - text: the whole payload.
    ///   - time: how long it may take.
    /// - Throws: ``ExpectationFailure``
    @discardableResult
    public func expect(
        _ topic: String, json: JSON? = nil, text: String? = nil, within time: Duration = .seconds(1), fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Sundial.Message {
        let match = Match(topic, json: json, text: text)
        return try await self.expect(match, count: .atLeast(1), within: time, fileID: fileID, line: line)[0]
    }

    /// Waits for so many messages that this client receives. An upper end is waited out, to be sure that no more come.
    ///
    /// - Throws: ``ExpectationFailure``
    @discardableResult
    public func expect(
        _ match: Match, count: Count, within time: Duration = .seconds(1), fileID: String = #fileID, line: Int = #line
    ) async throws -> [Sundial.Message] {
        let awaited = try Awaited(match, seenBy: self.name, rules: self.kit.options.rules, at: SourceLine(fileID: fileID, line: line))
        return try await self.kit.wait(for: awaited, count, within: time, in: self.seat)
    }

    /// Makes sure that this client does not receive such a message: none that no expectation has taken, and none that comes for a while.
    ///
    /// - Throws: ``ExpectationFailure``
    public func expectNothing(
        _ topic: String, json: JSON? = nil, for time: Duration, fileID: String = #fileID, line: Int = #line
    ) async throws {
        try await self.expect(Match(topic, json: json), count: .exactly(0), within: time, fileID: fileID, line: line)
    }
}
