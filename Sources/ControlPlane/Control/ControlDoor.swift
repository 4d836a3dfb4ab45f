import Broker
import HTTPTypes
import Hummingbird
import JSON
import Logging

/// Answers the control API, for requests that `ControlGuard` has let in.
struct ControlDoor: Sendable {
    private let broker: Broker

    init(_ broker: Broker) {
        self.broker = broker
    }

    /// `nil` when the path is none of the control API.
    func answer(to request: Request, context: DoorContext) async -> Response? {
        do {
            guard let resource = try ControlResource(path: request.wirePath) else { return nil }
            guard resource.methods.contains(request.method) else { throw ServiceError.noMethod(request, resource.methods) }
            let body = try await resource.bodyReader.body(of: request, context)
            switch resource {
            case .reset: return try await StateOperations(self.broker).reset()
            case .snapshot: return try await StateOperations(self.broker).snapshot()
            case .restore: return try await StateOperations(self.broker).restore(body)
            case .history(let thing, let shadow):
                return try await HistoryPage(self.broker).answer(
                    thing: thing, shadow: shadow, query: QueryParameters(target: request.head.path ?? ""))
            case .clock:
                let page = ClockPage(self.broker)
                return request.method == .put ? try await page.change(body) : try await page.show()
            case .clockAdvance: return try await ClockPage(self.broker).advance(body)
            }
        } catch let error as ServiceError {
            error.log(request, context, self.broker)
            return .refusal(error, traceID: TraceID.fresh())
        } catch {
            context.logger.record(.error, "request failed", [.peer: "\(context.peer)", .error: "\(error)"])
            return .problem(.internalFailure, message: "Internal Failure", explanation: "Sundial could not answer; its log says why.")
        }
    }
}
