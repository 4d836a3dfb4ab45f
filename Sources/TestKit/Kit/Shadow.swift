import JSON
import Shadows

extension Sundial {
    /// A shadow of a thing; neither has to exist.
    ///
    /// - Parameter name: `nil` is the classic shadow.
    public func shadow(_ thing: String, _ name: String? = nil) -> Shadow {
        Shadow(thing: thing, name: name, kit: self)
    }

    /// A shadow, as somebody sees it who may do everything: requests are made as by the HTTP data plane, without an MQTT session, and all
    /// the messages they set off are published.
    public struct Shadow: Sendable {
        /// The name of the thing.
        public let thing: String
        /// `nil` is the classic shadow.
        public let name: String?
        let kit: Sundial

        /// What the topics of this shadow begin with: `$aws/things/T1/shadow/name/test1`.
        public var topic: String {
            "$aws/things/\(self.thing)/shadow" + (self.name.map { "/name/\($0)" } ?? "")
        }

        /// `shadow test1 of T1`, for messages.
        var words: String {
            self.name.map { "shadow \($0) of \(self.thing)" } ?? "the classic shadow of \(self.thing)"
        }

        // MARK: Requests

        /// Updates what is reported, and waits until it is accepted.
        ///
        /// - Returns: the accepted document, which has what was sent, and the version.
        /// - Throws: ``ShadowRejected``
        @discardableResult
        public func report(_ state: JSON, fileID: String = #fileID, line: Int = #line) async throws -> Document {
            try await self.update(reported: state, fileID: fileID, line: line)
        }

        /// Updates what is desired, and waits until it is accepted.
        ///
        /// - Returns: the accepted document, which has what was sent, and the version.
        /// - Throws: ``ShadowRejected``
        @discardableResult
        public func desire(_ state: JSON, fileID: String = #fileID, line: Int = #line) async throws -> Document {
            try await self.update(desired: state, fileID: fileID, line: line)
        }

        /// Updates both, and waits until it is accepted.
        ///
        /// - Parameters:
        ///   - desired: what the section changes by; `.null` removes it.
        ///   - reported: the same.
        ///   - version: rejected with 409 unless the shadow is at this one.
        ///   - token: the `clientToken` that answers repeat.
        /// - Throws: ``ShadowRejected``
        @discardableResult
        public func update(
            desired: JSON? = nil, reported: JSON? = nil, version: Int? = nil, token: String? = nil, fileID: String = #fileID,
            line: Int = #line
        ) async throws -> Document {
            let state = JSON(
                members: [("desired", desired), ("reported", reported)].compactMap { name, value in value.map { (name, $0) } })
            let request: [(String, JSON?)] = [
                ("state", state), ("version", version.map { JSON($0) }), ("clientToken", token.map { JSON($0) }),
            ]
            let payload = JSON(members: request.compactMap { name, value in value.map { (name, $0) } })
            return try await self.send(.update, payload.value.utf8, at: SourceLine(fileID: fileID, line: line))
        }

        /// Sends this payload as an update, whether or not the service will like it.
        ///
        /// - Throws: ``ShadowRejected``
        @discardableResult
        public func update(raw payload: Payload, fileID: String = #fileID, line: Int = #line) async throws -> Document {
            try await self.send(.update, payload.bytes, at: SourceLine(fileID: fileID, line: line))
        }

        /// Reads the shadow.
        ///
        /// - Throws: ``ShadowRejected`` with 404 when there is none.
        public func get(fileID: String = #fileID, line: Int = #line) async throws -> Document {
            try await self.send(.get, [], at: SourceLine(fileID: fileID, line: line))
        }

        /// Deletes the shadow.
        ///
        /// - Returns: the accepted document, which has the version it was at.
        /// - Throws: ``ShadowRejected`` with 404 when there is none.
        @discardableResult
        public func delete(fileID: String = #fileID, line: Int = #line) async throws -> Document {
            try await self.send(.delete, [], at: SourceLine(fileID: fileID, line: line))
        }

        // MARK: What others do

        /// Waits until somebody's update is accepted: a device under test has reported, or an app has asked for something.
        ///
        /// It may have been already: it is enough that no call before has taken it. Updates made through this kit's shadows do not count.
        /// - Parameters:
        ///   - desired: what the update must include.
        ///   - reported: what the update must include.
        ///   - time: how long it may take; see <doc:Time>.
        /// - Throws: ``ExpectationFailure``
        @discardableResult
        public func waitForAccepted(
            desired: JSON? = nil, reported: JSON? = nil, within time: Duration = .seconds(1), fileID: String = #fileID, line: Int = #line
        ) async throws -> Document {
            let parts = [("desired", desired), ("reported", reported)].compactMap { name, value in value.map { (name, $0) } }
            let words = parts.map { " of \($0.0) \($0.1)" }.joined(separator: " and")
            return try await self.expect(
                "update/accepted", parts.isEmpty ? nil : ["state": JSON(members: parts)], "accepted update\(words)", time,
                SourceLine(fileID: fileID, line: line))
        }

        /// Waits until somebody's update is rejected.
        ///
        /// - Parameter code: 400, 409, …; any if not said.
        /// - Throws: ``ExpectationFailure``
        @discardableResult
        public func expectRejected(
            _ code: Int? = nil, within time: Duration = .seconds(1), fileID: String = #fileID, line: Int = #line
        ) async throws -> JSON {
            try await self.expect(
                "update/rejected", code.map { ["code": JSON($0)] }, "rejected update" + (code.map { " with code \($0)" } ?? ""), time,
                SourceLine(fileID: fileID, line: line)
            ).json
        }

        /// Waits for a delta that includes this: what the device is told to become.
        ///
        /// It may have come already, if no call before has taken it.
        /// - Parameter time: how long it may take; see <doc:Time>.
        /// - Throws: ``ExpectationFailure``
        @discardableResult
        public func expectDelta(
            _ state: JSON, within time: Duration = .seconds(1), fileID: String = #fileID, line: Int = #line
        ) async throws -> JSON {
            try await self.expect(
                "update/delta", ["state": state], "delta of \(state)", time, SourceLine(fileID: fileID, line: line)
            ).json
        }

        private func expect(
            _ answer: String, _ json: JSON?, _ words: String, _ time: Duration, _ source: SourceLine
        ) async throws -> Document {
            let awaited = try Awaited(
                shadow: self.words, prefix: self.topic, answer: answer, json: json, words: words, rules: self.kit.options.rules, at: source)
            let message = try await self.kit.wait(for: awaited, .atLeast(1), within: time, in: nil)[0]
            return Document(try JSON(parsing: message.payload))
        }

        private func send(_ operation: ShadowTopic.Operation, _ payload: [UInt8], at source: SourceLine) async throws -> Document {
            guard let thing = ThingName(self.thing) else {
                throw SundialFailure("\"\(self.thing)\" is not a thing's name: use 1 to 128 of a-z A-Z 0-9 : _ - (\(source))")
            }
            var shadow: ShadowName?
            if let name {
                shadow = ShadowName(name)
                if shadow == nil {
                    throw SundialFailure("\"\(name)\" is not a shadow's name: use 1 to 64 of $ a-z A-Z 0-9 : _ - (\(source))")
                }
            }
            let topic = ShadowTopic(id: ShadowID(thing: thing, name: shadow), operation: operation)
            let words = "\(operation.text) of \(self.words)"
            let answer = try await self.kit.onDesk { try $0.ask(topic, payload, words: words, at: source) }
            return Document(try JSON(parsing: answer))
        }
    }
}

extension Sundial.Shadow {
    /// A document of the shadow service: an accepted answer.
    public struct Document: Sendable, CustomStringConvertible {
        /// All of it.
        public let json: JSON

        init(_ json: JSON) {
            self.json = json
        }

        /// The version the shadow is at.
        public var version: Int { self.json["version"]?.int ?? 0 }
        /// What is desired; `nil` when the document says nothing about it.
        public var desired: JSON? { self.json[pointer: "/state/desired"] }
        /// What is reported; `nil` when the document says nothing about it.
        public var reported: JSON? { self.json[pointer: "/state/reported"] }
        /// How both differ; only ``Sundial/Shadow/get(fileID:line:)`` has it, and only when they do.
        public var delta: JSON? { self.json[pointer: "/state/delta"] }
        /// When, in seconds since 1970, on the kit's clock.
        public var timestamp: Int { self.json["timestamp"]?.int ?? 0 }
        /// Repeated from the request.
        public var token: String? { self.json["clientToken"]?.string }

        /// Compact JSON.
        public var description: String { self.json.description }
    }
}
