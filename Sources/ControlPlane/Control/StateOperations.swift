import Broker
import Hummingbird
import JSON
import Sessions
import Shadows

/// Reset, snapshot and restore: the whole state at once.
struct StateOperations: Sendable {
    private let broker: Broker

    init(_ broker: Broker) {
        self.broker = broker
    }

    /// Everything goes, and every client with it. `{"dropped":{"shadows":2,…}}`
    func reset() async throws -> Response {
        let dropped = try await self.replace(with: StateImage())
        return .json(.ok, .object(["dropped": dropped.json]))
    }

    /// What is kept, as one document.
    func snapshot() async throws -> Response {
        let taken: (image: StateImage, clock: ClockReading) = try await self.broker.ask { core, answer in
            core.beginTick()
            let now = (core.image, core.clock)
            // Nothing is shown that the journal does not have; while it cannot write, the core has gone back to what it has.
            core.whenSafe({ answer(now) }, orFailed: { answer((core.image, core.clock)) })
        }
        return await awayFromTheLoop { .json(.ok, Snapshot.document(of: taken.image, at: taken.clock)) }
    }

    /// Puts a snapshot in the place of everything there is, or changes nothing. `{"restored":{…},"dropped":{…}}`
    func restore(_ body: [UInt8]) async throws -> Response {
        let clock = try await self.broker.submit { core in
            core.beginTick()
            return core.clock
        }
        let image = try await awayFromTheLoop { Result { () throws(ServiceError) in try Self.image(from: body, clock) } }.get()
        let dropped = try await self.replace(with: image)
        return .json(.ok, .object(["restored": StateCounts(image).json, "dropped": dropped.json]))
    }

    /// Room for some thousand shadows with full histories; so many values take about a gigabyte.
    private static let limits = JSONLimits(maximumDepth: 512, maximumValues: 8_000_000)

    private static func image(from body: [UInt8], _ clock: ClockReading) throws(ServiceError) -> StateImage {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsing: body, limits: Self.limits)
        } catch {
            throw .invalid("The snapshot is not JSON: \(error.text). Nothing was changed.")
        }
        do throws(DocumentFault) {
            var image = try Snapshot.image(from: document, clock: clock)
            // Clients that were connected when it was taken are sent away like those of today: their wills go unsaid.
            for place in image.sessions.indices where image.sessions[place].disconnectedAt == nil {
                image.sessions[place].disconnectedAt = clock.wall
                image.sessions[place].will = nil
            }
            return image
        } catch {
            var refusal = ServiceError.invalid("The snapshot makes no sense: \(error.text). Nothing was changed.")
            refusal.facts = [("pointer", .string(error.pointer))]
            throw refusal
        }
    }

    /// - Returns: what was there, once what is there now is safe.
    private func replace(with image: StateImage) async throws -> StateCounts {
        let outcome: Result<StateCounts, ServiceError> = try await self.broker.ask { core, answer in
            if let why = core.journalFailure { return answer(.failure(Self.cannotWrite(why))) }
            let dropped = StateCounts(core.image)
            do throws(ShadowRestoreError) {
                try core.replace(with: image)
            } catch {
                return answer(.failure(.invalid("The snapshot makes no sense: \(error.text).")))
            }
            core.whenSafe({ answer(.success(dropped)) }, orFailed: { answer(.failure(Self.notWrittenYet(core.journalFailure))) })
        }
        return try outcome.get()
    }

    private static func cannotWrite(_ why: String) -> ServiceError {
        ServiceError(.internalFailure, "Internal Failure", explanation: "The state file cannot be written: \(why); nothing was changed.")
    }

    private static func notWrittenYet(_ why: String?) -> ServiceError {
        ServiceError(
            .internalFailure, "Internal Failure",
            explanation: "The state file cannot be written: \(why ?? "unknown"); the new state is in force and is written when it can be.")
    }
}

/// How much there is in an image.
struct StateCounts: Sendable {
    private let shadows: Int
    private let versions: Int
    private let retained: Int
    private let sessions: Int
    private let things: Int

    init(_ image: StateImage) {
        var isLive: [ShadowID: Bool] = [:]
        for version in image.shadows { isLive[version.id] = version.record != nil }
        self.shadows = isLive.values.count { $0 }
        self.versions = image.shadows.count
        self.retained = image.retained.count
        self.sessions = image.sessions.count
        self.things = image.things.count
    }

    var json: JSONValue {
        .object([
            "shadows": JSONValue(Int64(self.shadows)), "versions": JSONValue(Int64(self.versions)),
            "retained": JSONValue(Int64(self.retained)), "sessions": JSONValue(Int64(self.sessions)),
            "things": JSONValue(Int64(self.things)),
        ])
    }
}
