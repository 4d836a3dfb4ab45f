import Broker
import HTTPTypes
import Hummingbird
import JSON
import Logging
import Runner

/// Answers the control API, for requests that `ControlGuard` has let in.
struct ControlDoor: Sendable {
    private let broker: Broker
    private let runs: RunService
    private let version: String

    /// - Parameter version: goes into the reports of runs.
    init(_ broker: Broker, runs: RunService, version: String) {
        self.broker = broker
        self.runs = runs
        self.version = version
    }

    /// `nil` when the path is none of the control API.
    func answer(to request: Request, context: DoorContext) async -> Response? {
        do {
            guard let resource = try ControlResource(path: request.wirePath) else { return nil }
            guard resource.methods.contains(request.method) else { throw ServiceError.noMethod(request, resource.methods) }
            return try await self.answer(to: request, resource, body: try await resource.bodyReader.body(of: request, context))
        } catch let error as ServiceError {
            error.log(request, context, self.broker)
            return .refusal(error, traceID: TraceID.fresh())
        } catch {
            context.logger.record(.error, "request failed", [.peer: "\(context.peer)", .error: "\(error)"])
            return .problem(.internalFailure, message: "Internal Failure", explanation: "Sundial could not answer; its log says why.")
        }
    }

    private func answer(to request: Request, _ resource: ControlResource, body: [UInt8]) async throws -> Response {
        let query = QueryParameters(target: request.head.path ?? "")
        let runs = RunOperations(self.runs, of: self.broker, version: self.version)
        switch resource {
        case .reset: return try await StateOperations(self.broker).reset()
        case .snapshot: return try await StateOperations(self.broker).snapshot()
        case .restore: return try await StateOperations(self.broker).restore(body)
        case .history(let thing, let shadow): return try await HistoryPage(self.broker).answer(thing: thing, shadow: shadow, query: query)
        case .clock:
            let page = ClockPage(self.broker)
            return request.method == .put ? try await page.change(body) : try await page.show()
        case .clockAdvance: return try await ClockPage(self.broker).advance(body)
        case .check: return try await runs.check(body, query)
        case .runs: return request.method == .post ? try await runs.start(body, query) : try await runs.list()
        case .run(let id): return request.method == .delete ? try await runs.forget(id) : try await runs.report(of: id, query)
        case .runEvents(let id): return try await RunEventStream(self.runs, of: id, for: request).answer()
        case .runCommand(let id, let command): return try await runs.command(id, command, query)
        case .lanes: return try await runs.lanes()
        case .lane(let key): return try await runs.changeLane(key, body, query)
        }
    }
}
