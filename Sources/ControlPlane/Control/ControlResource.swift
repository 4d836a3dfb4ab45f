import HTTPTypes

/// A path of the control API under `/_sundial/`, with the names in it, decoded and not yet judged.
enum ControlResource: Equatable, Sendable {
    /// `POST /_sundial/reset`
    case reset
    /// `GET /_sundial/snapshot`
    case snapshot
    /// `POST /_sundial/restore`
    case restore
    /// `GET /_sundial/shadows/{thing}/classic/history`, `GET /_sundial/shadows/{thing}/name/{shadow}/history`
    case history(thing: String, shadow: String?)
    /// `POST /_sundial/check`
    case check
    /// `POST /_sundial/runs`, `GET /_sundial/runs`
    case runs
    /// `GET /_sundial/runs/{id}`, `DELETE /_sundial/runs/{id}`
    case run(String)
    /// `GET /_sundial/runs/{id}/events`
    case runEvents(String)
    /// `POST /_sundial/runs/{id}/cancel`, and so `pause`, `resume` and `step`
    case runCommand(String, RunCommandName)
    /// `GET /_sundial/lanes`
    case lanes
    /// `PUT /_sundial/lanes/{key}`
    case lane(String)
    /// `GET /_sundial/clock`, `PUT /_sundial/clock`
    case clock
    /// `POST /_sundial/clock/advance`
    case clockAdvance

    /// The resource of a path as sent; `nil` when there is none.
    init?(path: Substring) throws(ServiceError) {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard segments.first == "_sundial" else { return nil }
        switch (segments.count, segments[1...].first) {
        case (2, "reset"): self = .reset
        case (2, "snapshot"): self = .snapshot
        case (2, "restore"): self = .restore
        case (2, "check"): self = .check
        case (2, "runs"): self = .runs
        case (3, "runs"): self = .run(try Self.decoded(segments[2]))
        case (4, "runs") where segments[3] == "events": self = .runEvents(try Self.decoded(segments[2]))
        case (4, "runs"):
            guard let command = RunCommandName(rawValue: String(segments[3])) else { return nil }
            self = .runCommand(try Self.decoded(segments[2]), command)
        case (2, "lanes"): self = .lanes
        case (3, "lanes"): self = .lane(try Self.decoded(segments[2]))
        case (2, "clock"): self = .clock
        case (3, "clock") where segments[2] == "advance": self = .clockAdvance
        case (5, "shadows") where segments[3] == "classic" && segments[4] == "history":
            self = .history(thing: try Self.decoded(segments[2]), shadow: nil)
        case (6, "shadows") where segments[3] == "name" && segments[5] == "history":
            self = .history(thing: try Self.decoded(segments[2]), shadow: try Self.decoded(segments[4]))
        default: return nil
        }
    }

    var methods: [HTTPRequest.Method] {
        switch self {
        case .reset, .restore, .check, .runCommand, .clockAdvance: [.post]
        case .lanes: [.get, .head]
        case .lane: [.put]
        case .clock: [.get, .head, .put]
        case .snapshot, .history: [.get, .head]
        case .runEvents: [.get]
        case .runs: [.get, .head, .post]
        case .run: [.get, .head, .delete]
        }
    }

    /// What reads its request's body.
    var bodyReader: RequestBodyReader {
        switch self {
        case .restore: RequestBodyReader(maximumBytes: 256 * 1024 * 1024, patience: .seconds(600))
        case .check, .runs: RequestBodyReader(maximumBytes: 64 * 1024 * 1024, patience: .seconds(120))
        case .reset, .snapshot, .history, .run, .runEvents, .runCommand, .lanes, .lane, .clock, .clockAdvance: .service
        }
    }

    private static func decoded(_ segment: Substring) throws(ServiceError) -> String {
        do throws(PercentText.Fault) {
            return try PercentText.decode(segment)
        } catch {
            throw .invalid("The path cannot be read: \(error.text).")
        }
    }
}
