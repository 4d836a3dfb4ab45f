import Broker
import Hummingbird
import JSON
import Pacing
import Timeline

/// The clock of the service: what it shows, how it passes, and moving it. Source: scheduler §8, §15.
///
/// Every answer is the clock as it is then: `{"kind":"virtual","now":…,"instantSeconds":…,"factor":null,"auto":false,
/// "nextDeadline":…,"waiting":0}`, with `stall` when an auto clock cannot move on. `factor` is 1 for a real clock.
struct ClockPage: Sendable {
    private let broker: Broker

    init(_ broker: Broker) {
        self.broker = broker
    }

    func show() async throws -> Response {
        Self.response(try await self.broker.clock.state())
    }

    /// `{"kind":"real"}`, `{"kind":"scaled","factor":60}` or `{"kind":"virtual","auto":true}`.
    func change(_ body: [UInt8]) async throws -> Response {
        let kind = try Self.reading(body) { node throws(DocumentFault) in try Self.kind(node) }
        return try await self.answer { try await $0.change(to: kind) }
    }

    /// `{"by":"10s"}`, `{"to":"2026-01-02T03:04:05Z"}` or `{"until":"idle"}`. Answered when that is done.
    func advance(_ body: [UInt8]) async throws -> Response {
        switch try Self.reading(body, { node throws(DocumentFault) in try Self.goal(node) }) {
        case .by(let duration): try await self.answer { try await $0.advance(by: duration) }
        case .to(let time): try await self.answer { try await $0.advance(to: time) }
        case .untilIdle: try await self.answer { try await $0.runUntilIdle() }
        }
    }

    private func answer(_ ask: (BrokerClock) async throws -> ClockState) async throws -> Response {
        do {
            return Self.response(try await ask(self.broker.clock))
        } catch let error as ClockError {
            throw Self.refusal(error)
        }
    }

    // MARK: Answers

    private static func response(_ state: ClockState) -> Response {
        .json(.ok, .object(Self.document(state)))
    }

    private static func document(_ state: ClockState) -> JSONObject {
        var object: JSONObject = ["kind": .string(state.kind.name), "now": .string(state.time.iso8601)]
        object["instantSeconds"] = JSONNumber(text: Self.seconds(state.instant)).map { .number($0) }
        object["factor"] = state.kind.factor.flatMap { JSONNumber(text: "\($0)") }.map { .number($0) } ?? .null
        object["auto"] = .bool(state.kind == .virtual(auto: true))
        // Rounded up to the millisecond: whoever advances to it as it is written comes there.
        object["nextDeadline"] = state.nextDeadline.map { .string(($0 + .nanoseconds(999_999)).iso8601) } ?? .null
        object["waiting"] = JSONValue(Int64(state.waiting))
        object["stall"] = state.stall.map { .string($0) }
        return object
    }

    /// `12.000000345`, exactly.
    private static func seconds(_ instant: Instant) -> String {
        let (seconds, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return "\(seconds).\("\(1_000_000_000 + rest)".dropFirst())"
    }

    private static func refusal(_ error: ClockError) -> ServiceError {
        let exception: ServiceException =
            switch error {
            case .movesByItself, .wouldJump, .underWay: .conflict
            case .goesBack, .beyondHorizon: .invalidRequest
            case .stall: .gatewayTimeout
            case .stopped: .serviceUnavailable
            }
        return ServiceError(exception, error.text.prefix(1).uppercased() + error.text.dropFirst() + ".")
    }

    // MARK: Requests

    private enum Goal {
        case by(Duration)
        case to(WallTime)
        case untilIdle
    }

    private static func reading<Value>(
        _ body: [UInt8], _ read: (DocumentNode) throws(DocumentFault) -> Value
    ) throws(ServiceError) -> Value {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsing: body)
        } catch {
            throw .invalid("The request is not JSON: \(error.text).")
        }
        do throws(DocumentFault) {
            return try read(DocumentNode(document))
        } catch {
            var refusal = ServiceError.invalid("The request makes no sense: \(error.text).")
            refusal.facts = [("pointer", .string(error.pointer))]
            throw refusal
        }
    }

    private static func kind(_ node: DocumentNode) throws(DocumentFault) -> ClockKind {
        _ = try node.object(of: ["kind", "factor", "auto"])
        let kind = try node.member("kind")
        let name = try kind.text()
        if name != "scaled", let factor = node["factor"] { throw factor.fault("is for kind scaled only") }
        if name != "virtual", let auto = node["auto"] { throw auto.fault("is for kind virtual only") }
        switch name {
        case "real": return .real
        case "virtual": return .virtual(auto: try node["auto"]?.bool() ?? false)
        case "scaled":
            let factor = try node.member("factor")
            guard let number = factor.value.number, let value = TimeFactor(number.text) else {
                throw factor.fault("must be a number from 0.001 to 1000000 with at most three decimals")
            }
            return .scaled(value)
        default: throw kind.fault("must be real, scaled or virtual")
        }
    }

    private static func goal(_ node: DocumentNode) throws(DocumentFault) -> Goal {
        let object = try node.object(of: ["by", "to", "until"])
        guard object.count == 1 else { throw node.fault("must have one of by, to and until") }
        if let by = node["by"] {
            do throws(ScenarioDuration.Fault) {
                return .by(try ScenarioDuration.read(by.value))
            } catch {
                throw by.fault("is no duration: \(error.text); \(ScenarioDuration.Fault.cure)")
            }
        }
        if let to = node["to"] { return .to(try to.time()) }
        let until = try node.member("until")
        guard until.value == "idle" else { throw until.fault("must be idle") }
        return .untilIdle
    }
}

extension ClockKind {
    fileprivate var name: String {
        switch self {
        case .real: "real"
        case .scaled: "scaled"
        case .virtual: "virtual"
        }
    }

    /// `nil` for a clock that does not run.
    fileprivate var factor: TimeFactor? {
        switch self {
        case .real: .one
        case .scaled(let factor): factor
        case .virtual: nil
        }
    }
}
