import Broker
import HTTPTypes
import Hummingbird
import Logging

extension Request {
    /// The path as sent, without the query.
    var wirePath: Substring { (self.head.path ?? "/").prefix { $0 != "?" } }

    /// Whether it claims to be signed for the service: then it asks for an operation, built or not.
    var isSigned: Bool {
        self.headers[.authorization]?.hasPrefix("AWS4-") == true || self.head.path?.contains("X-Amz-Signature=") == true
    }
}

extension ServiceError {
    /// The path is there and has no such method.
    static func noMethod(_ request: Request, _ methods: [HTTPRequest.Method]) -> ServiceError {
        let names = methods.map(\.rawValue).joined(separator: " and ")
        var error = ServiceError(
            .methodNotAllowed, "Method Not Allowed",
            explanation: "\(request.wirePath.prefix(200)) answers \(names), not \(request.method.rawValue).")
        error.allowedMethods = methods
        return error
    }

    /// Says in the log what was refused, and why.
    func log(_ request: Request, _ context: DoorContext, _ broker: Broker) {
        context.logger.record(
            .notice, "request refused: \(self.explanation)",
            [
                .door: "\(broker.door(atPort: context.localPort).name)", .peer: "\(context.peer)",
                .target: "\(request.method.rawValue) \(request.wirePath.prefix(300))", .status: "\(self.exception.status.code)",
                .reason: "\(self.exception.name)",
            ])
    }
}
