import Broker
import HTTPTypes
import Hummingbird
import Logging
import SigV4

/// Lets signed requests of the service's API in, has them answered on the core's loop, and says why those that are not are turned away.
struct ServiceDoor: Sendable {
    private let broker: Broker

    init(_ broker: Broker) {
        self.broker = broker
    }

    /// `nil` when the path is none of the service's API.
    func answer(to request: Request, context: DoorContext) async -> Response? {
        let traceID = TraceID.fresh()
        do {
            guard let resource = try ServiceResource(path: request.wirePath) else { return nil }
            guard let operation = resource.operation(request.method) else { throw ServiceError.noMethod(request, resource.methods) }
            let body = try await RequestBodyReader.service.body(of: request, context)
            var response = try await self.perform(operation, request, body: body, traceID: traceID, context: context)
            response.headers[.amazonRequestID] = traceID
            return response
        } catch let error as ServiceError {
            error.log(request, context, self.broker)
            return .refusal(error, traceID: traceID)
        } catch {
            context.logger.record(.error, "request failed", [.peer: "\(context.peer)", .error: "\(error)"])
            return .refusal(
                ServiceError(.internalFailure, "Internal Failure", explanation: "Sundial could not answer; its log says why."),
                traceID: traceID)
        }
    }

    private func perform(
        _ operation: ServiceOperation, _ request: Request, body: [UInt8], traceID: String, context: DoorContext
    ) async throws -> Response {
        let signed = Self.signed(request, body: body, localPort: context.localPort)
        let door = self.broker.door(atPort: context.localPort)
        let answer: Result<Response, ServiceError> = try await self.broker.ask { core, answer in
            let asker: Asker
            switch core.verify(signed, for: operation.plane) {
            case .refused(let refusal):
                core.log(refusal, door: door.name, peer: context.peer)
                return answer(.success(.refusal(refusal, traceID: traceID)))
            case .accepted(let keyID, let notes):
                for note in notes { context.logger.record(.notice, "signature accepted, but: \(note)", [.peer: "\(context.peer)"]) }
                asker = .accessKey(keyID)
            case .notChecked:
                asker = .unnamed
            }
            let accepted = ServiceRequest(
                operation: operation, signed: signed, query: QueryParameters(target: signed.target), headers: request.headers, body: body,
                authority: request.head.authority ?? "", door: door, asker: asker, traceID: traceID)
            accepted.answerWhenSafe(core, give: answer)
        }
        return try answer.get()
    }

    /// The request as sent; HTTPTypes keeps the host apart from the other fields.
    private static func signed(_ request: Request, body: [UInt8], localPort: Int?) -> SignedRequest {
        var headers: [(name: String, value: String)] = [("host", request.head.authority ?? "")]
        for field in request.headers { headers.append((field.name.rawName, field.value)) }
        return SignedRequest(
            method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
            bodySHA256Hex: body.isEmpty ? nil : SHA256.hex(of: body), localPort: localPort)
    }
}
