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
            guard let resource = try ControlResource(path: Self.path(of: request)) else { return nil }
            guard resource.methods.contains(request.method) else { throw Self.noMethod(request, resource) }
            let body = try await resource.bodyReader.body(of: request, context)
            switch resource {
            case .reset: return try await StateOperations(self.broker).reset()
            case .snapshot: return try await StateOperations(self.broker).snapshot()
            case .restore: return try await StateOperations(self.broker).restore(body)
            case .history(let thing, let shadow):
                return try await HistoryPage(self.broker).answer(
                    thing: thing, shadow: shadow, query: QueryParameters(target: request.head.path ?? ""))
            }
        } catch let error as ServiceError {
            self.log(error, request, context)
            return .refusal(error, traceID: TraceID.fresh())
        } catch {
            context.logger.record(.error, "request failed", [.peer: "\(context.peer)", .error: "\(error)"])
            return .problem(.internalFailure, message: "Internal Failure", explanation: "Sundial could not answer; its log says why.")
        }
    }

    private static func path(of request: Request) -> Substring {
        (request.head.path ?? "/").prefix { $0 != "?" }
    }

    private static func noMethod(_ request: Request, _ resource: ControlResource) -> ServiceError {
        let methods = resource.methods.map(\.rawValue).joined(separator: " and ")
        var error = ServiceError(
            .methodNotAllowed, "Method Not Allowed",
            explanation: "\(Self.path(of: request).prefix(200)) answers \(methods), not \(request.method.rawValue).")
        error.allowedMethods = resource.methods
        return error
    }

    private func log(_ error: ServiceError, _ request: Request, _ context: DoorContext) {
        context.logger.record(
            .notice, "request refused: \(error.explanation)",
            [
                .door: "\(self.broker.door(atPort: context.localPort).name)", .peer: "\(context.peer)",
                .target: "\(request.method.rawValue) \(Self.path(of: request).prefix(300))", .status: "\(error.exception.status.code)",
                .reason: "\(error.exception.name)",
            ])
    }
}
