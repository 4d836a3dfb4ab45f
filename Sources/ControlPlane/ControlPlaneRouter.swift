import Broker
import HTTPTypes
import Hummingbird
import Logging
import Runner
import Timeline

/// Decides which page answers a request, and gives every answer what all of them carry.
struct ControlPlaneRouter: Sendable {
    let settings: ControlPlaneSettings
    let broker: Broker?
    private let control: ControlDoor?
    private let responder: RouterResponder<DoorContext>

    /// The paths there are, each with GET and HEAD.
    private static let paths = ["/", "/mqtt", "/_sundial/status"]
    /// The largest request body that is read and thrown away; nothing here takes one.
    private static let maximumBodyBytes = 256 * 1024

    init(settings: ControlPlaneSettings, broker: Broker?) {
        self.settings = settings
        self.broker = broker
        self.control = broker.map { ControlDoor($0, runs: RunService($0), version: settings.version) }
        let router = Router(context: DoorContext.self, options: .autoGenerateHeadEndpoints)
        if let broker {
            let front = FrontPage(settings: settings, broker: broker)
            let plainRequest = MQTTPage(broker: broker)
            let status = StatusPage(settings: settings, broker: broker)
            router.get("/") { request, _ in try await front.answer(to: request) }
            router.get("/mqtt") { request, context in try await plainRequest.answer(to: request, context: context) }
            router.get("/_sundial/status") { _, _ in try await status.answer() }
        }
        self.responder = router.buildResponder()
    }

    /// What reads the body of a request, if anything does.
    static func bodyReader(for request: Request) -> RequestBodyReader {
        let path = (request.head.path ?? "/").prefix { $0 != "?" }
        let resource = try? ControlResource(path: path)
        return resource?.bodyReader ?? .service
    }

    /// The whole answer to a request; never throws, since a fault is an answer too.
    func respond(to request: Request, context: DoorContext) async -> Response {
        let isControl = request.uri.path.hasPrefix("/_sundial")
        var response: Response
        if let broker {
            do throws(ServiceError) {
                response = try await self.answer(to: request, isControl: isControl, context: context, broker: broker)
            } catch {
                error.log(request, context, broker)
                response = .refusal(error, traceID: TraceID.fresh())
            }
        } else {
            response = .problem(
                .serviceUnavailable, message: "Service Unavailable", explanation: "Sundial is starting; ask again in a moment.")
        }
        if isControl {
            CrossOrigin.addForControl(to: &response, request: request)
        } else {
            CrossOrigin.add(to: &response)
        }
        response.headers[.date] = HTTPDate.text(Broker.systemWallTime())
        response.headers[.server] = "sundial"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        to request: Request, isControl: Bool, context: DoorContext, broker: Broker
    ) async throws(ServiceError) -> Response {
        guard request.head.authority != nil, request.headers[values: .known("host")].isEmpty else {
            var error = ServiceError.invalid("A request of HTTP/1.1 has one Host field, neither none nor two.")
            error.closesConnection = true
            throw error
        }
        if isControl { try ControlGuard(self.settings).check(request, context: context) }
        if request.method == .options { return CrossOrigin.preflight(request) }
        if isControl {
            if let response = await self.control?.answer(to: request, context: context) { return response }
        } else if let response = await ServiceDoor(broker).answer(to: request, context: context) {
            return response
        }
        try self.checkPage(request)
        do {
            return try await self.responder.respond(to: request, context: context)
        } catch {
            context.logger.record(.error, "request failed", [.peer: "\(context.peer)", .error: "\(error)"])
            return .problem(.internalFailure, message: "Internal Failure", explanation: "Sundial could not answer; its log says why.")
        }
    }

    /// Whether there is a page for a request that is none of an API.
    private func checkPage(_ request: Request) throws(ServiceError) {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.maximumBodyBytes {
            var error = ServiceError(
                .contentTooLarge, "Request Entity Too Large",
                explanation: "The body has \(length) bytes; nothing here takes more than \(Self.maximumBodyBytes).")
            error.closesConnection = true
            throw error
        }
        let path = request.uri.path
        guard Self.paths.contains(path) else {
            if request.isSigned {
                throw ServiceError(
                    .notImplemented, "Not Implemented",
                    explanation:
                        "\(request.method.rawValue) \(path.prefix(200)) is not built. What is: shadows, Publish, retained messages, connections, DescribeEndpoint and things."
                )
            }
            throw ServiceError(
                .notFound, "Not Found",
                explanation: "Nothing is served at \(path.prefix(200)). MQTT over WebSocket is at /mqtt; / says what else there is.")
        }
        if request.method != .get, request.method != .head { throw ServiceError.noMethod(request, [.get, .head]) }
    }
}
